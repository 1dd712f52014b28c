"""Whether the parts of a period give the samples of one run, and what is run again where they do not."""

from collections.abc import Sequence

from livermore.scale._shard import ShardReport
from livermore.scale._task import GatherTask

__all__ = ["Part", "next_tasks"]

#: A task and what came of it.
Part = tuple[GatherTask, ShardReport]


def next_tasks(parts: Sequence[Part]) -> list[GatherTask]:
    """Return the parts of one symbol that must be run again, with a longer lead or tail; none if all fit together.

    Parameters
    ----------
    parts : sequence of (GatherTask, ShardReport)
        All parts of one symbol, in order of time.

    Notes
    -----
    A part must have a longer tail if some of its samples have no label yet, for a longer run would give them one. It
    must have a longer lead if its run and that of the part before it are in different states at the seam between them,
    or gave different samples after it. A run with a lead to the beginning of the whole period is that of the whole
    period, so this ends.
    """
    longer = [task.with_longer_tail() if _needs_tail(task, report) else task for task, report in parts]
    for position in range(1, len(parts)):
        before, part = parts[position - 1], parts[position]
        # What comes after a part that is run again is judged when that is done.
        if longer[position - 1] is not before[0]:
            break
        if not _fits(before, part):
            longer[position] = longer[position].with_longer_lead()
            break
    return [task for task, (old, _) in zip(longer, parts, strict=True) if task is not old]


def _needs_tail(task: GatherTask, report: ShardReport) -> bool:
    return report.open_at_finish > 0 and task.run_finish < task.universe.finish


def _fits(before: Part, part: Part) -> bool:
    """Whether a part continues where the one before it ends."""
    (task, report), (_, earlier) = part, before
    if task.run_start <= task.universe.start:
        return True
    cutoff = before[0].run_finish // 1000
    head = [hashed for time, hashed in report.head if time <= cutoff]
    tail = [hashed for time, hashed in earlier.tail if time <= cutoff]
    return report.state_at_start is not None and report.state_at_start == earlier.state_at_finish and head == tail
