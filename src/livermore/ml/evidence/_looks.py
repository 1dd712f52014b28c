"""What a ledger holds: evaluations of models on days, and choices made on days.

One look counts against another if their intervals overlap and they share a base asset. Exchange, quote currency,
contract and timeframe make no difference: BTC moves alike on all of them. A look whose markets are unknown (samples
from a plain CSV, lines of older versions) counts for all markets.
"""

import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache, cached_property
from time import time
from typing import TYPE_CHECKING, Any

import numpy as np

from livermore.ml.dataset import Markets, markets_of
from livermore.ml.evidence._forward_scores import ForwardScores
from livermore.ml.evidence._max_t import BlockScores, number_of_blocks
from livermore.ml.labels import LabelWindows
from livermore.ml.tasks import Prediction

if TYPE_CHECKING:
    from livermore.ml.dataset import Dataset

__all__ = [
    "COMPARISON",
    "Choice",
    "Opening",
    "base_asset",
    "configuration_of",
    "different_trials",
    "entry_of",
    "opening_of",
    "recipe_of",
    "same_samples",
    "sample_hashes",
]

#: The task of lines that record a comparison of backtests.
COMPARISON = "compare"
# What a line raises that is not what a ledger writes: other types, missing keys, endless nesting.
DAMAGE = (ValueError, TypeError, AttributeError, LookupError, OverflowError, RecursionError)

# In what a symbol without a separator may end. BUSD and TUSD come last: BNBUSD and DOTUSD are quoted in USD.
QUOTES = (
    *("USDT", "USDC", "FDUSD", "USDP", "USDE", "DAI", "EUR", "GBP", "JPY", "TRY", "KRW", "BRL", "AUD"),
    *("BTC", "ETH", "BNB", "BUSD", "TUSD", "USD"),
)
LIKE_USD = ("BUSD", "TUSD")
SAME_ASSET = {"XBT": "BTC"}
# Samples of a data set whose hashes are kept, to recognise the data set after it has grown.
N_HASHED = 16
# Times of a ledger are days of the calendar up to the year 9999; p-values are probabilities.
LIMITS = {"opened_at": (0, 253_402_300_799), "p_alone": (0, 1), "p_value": (0, 1)}


@cache
def base_asset(symbol: str) -> str:
    """Return the asset that a symbol is about, whatever it is quoted in and by which contract.

    Parameters
    ----------
    symbol : str
        As exchanges and data files spell it.

    Returns
    -------
    str
        In capitals; the symbol itself where no quote currency is recognised.

    Examples
    --------
    >>> [base_asset(symbol) for symbol in ("BTC-USDT", "BTC-USDC", "BTC-USDT-PERP", "BTCUSDT", "btc/usd:usd", "XBTUSD")]
    ['BTC', 'BTC', 'BTC', 'BTC', 'BTC', 'BTC']
    >>> [base_asset(symbol) for symbol in ("1000PEPE-USDT", "ETHBTC", "BNBUSD", "BNBBUSD", "stETH-USD", "AAPL")]
    ['PEPE', 'ETH', 'BNB', 'BNB', 'STETH', 'AAPL']
    """
    found, separator, _ = re.sub(r"[/: ]", "-", symbol.strip().upper()).partition("-")
    if not separator:
        # Contracts are marked by a suffix: BTCUSDT_PERP, BTCUSDT.P.
        found = re.split(r"[_.]", found, maxsplit=1)[0]
        found = found.removesuffix("PERP") or found
        quote = next(
            (q for q in QUOTES if found.endswith(q) and len(found) - len(q) >= (3 if q in LIKE_USD else 2)), ""
        )
        found = found.removesuffix(quote)
    found = re.sub(r"^10{3,6}(?=[A-Z])", "", found)
    return SAME_ASSET.get(found, found)


@dataclass(frozen=True)
class Opening:
    """One test-set evaluation.

    Parameters
    ----------
    opened_at : int
        When it took place, in UTC seconds.
    test_start, test_end : int
        The interval of the judged samples in UTC seconds, half-open.
    task, label : str
        Name of the task, and of the label.
    estimator : str
        The estimator's repr, shortened.
    configuration : str
        Hash of the estimator with its parameters, the features, the task and the training data.
    figures : str
        Hash of the predictions.
    markets : tuple of tuple of str
        Exchange, symbol and timeframe of the test samples; empty if unknown.
    recipe : str
        As `configuration`, without the data; see `recipe_of`. Empty in lines of older versions.
    data : tuple of (int, str)
        Times and hashes of a few samples, see `sample_hashes`.
    edges, sums : tuple
        Block scores, see `BlockScores`; empty where there are none.
    p_alone : float
        P-value of the evaluation as if it were the only one; 1 where it is not known.
    p_value : float
        P-value corrected for all looks up to this one; 1 where it is not known.

    Examples
    --------
    >>> look = Opening(0, 1000, 2000, "binary", "win", "", "a1", "f1", (("Sandbox", "BTC-USDT", "1h"),))
    >>> look.touches(1500, 3000), look.touches(2000, 3000)
    (True, False)
    >>> look.touches(1500, 3000, (("Sandbox", "ETH-USDT", "1h"),)), look.touches(0, 3000, (("", "BTCUSDC", ""),))
    (False, True)
    """

    opened_at: int
    test_start: int
    test_end: int
    task: str
    label: str
    estimator: str
    configuration: str
    figures: str
    markets: Markets = ()
    recipe: str = ""
    data: tuple[tuple[int, str], ...] = ()
    edges: tuple[int, ...] = ()
    sums: tuple[tuple[float, ...], ...] = ()
    p_alone: float = 1.0
    p_value: float = 1.0

    @property
    def identity(self) -> tuple[str, str]:
        """Evaluations with the same identity are one trial: repeating a run shows nothing new."""
        return self.configuration, self.figures

    @cached_property
    def scores(self) -> BlockScores | None:
        """The block scores; None where there are none."""
        return BlockScores(self.edges, self.sums) if self.sums else None

    def repeats(self, earlier: "Opening") -> bool:
        """Return whether it shows nothing else than an earlier evaluation, or what that one became on grown data.

        A recipe that is trained again on data that has grown is one trial: nothing was chosen. It is another trial on
        other samples of the same times, such as those of a changed feature, and with other predictions on the same
        data, such as those of another random seed.
        """
        if self.identity == earlier.identity:
            return True
        if not self.recipe or self.recipe != earlier.recipe or self.task != earlier.task:
            return False
        grown = self.test_end > earlier.test_end or self.figures == earlier.figures
        return grown and same_samples(self.data, earlier.data)

    @classmethod
    def of_entries(cls, entries: Mapping[str, Any]) -> "Opening":
        """Make one of a line's entries; raise one of `DAMAGE` if they are damaged."""
        names = [field.name for field in fields(cls)]
        # Lines of newer versions may say more.
        found = {name: entries[name] for name in names if name in entries}
        for name in ("opened_at", "test_start", "test_end", "p_alone", "p_value"):
            if name in found:
                _check_number(found[name], name)
        for name in ("task", "label", "estimator", "configuration", "figures", "recipe"):
            if not isinstance(found.get(name, ""), str):
                raise TypeError(f"{name} is no text")
        found["markets"] = _markets_in(entries)
        found["data"] = tuple((_whole(at), str(value)) for at, value in entries.get("data", ()))
        found["edges"] = tuple(_whole(edge) for edge in entries.get("edges", ()))
        found["sums"] = tuple(tuple(float(value) for value in row) for row in entries.get("sums", ()))
        look = cls(**found)
        if look.sums or look.edges:
            BlockScores(look.edges, look.sums)
        return look

    def touches(self, test_start: float, test_end: float, markets: Markets = ()) -> bool:
        """Return whether it counts for a test period, by the rule in the module's docstring."""
        return self.test_start < test_end and test_start < self.test_end and _share_assets(self.markets, markets)


@dataclass(frozen=True)
class Choice:
    """A choice that was made by what some days show: after it, these days are not unseen.

    Parameters
    ----------
    chosen_at : int
        When it took place, in UTC seconds.
    choice : str
        Of what, such as "models" or "features".
    start, end : int
        The days that were looked at, in UTC seconds, half-open.
    markets : tuple of tuple of str
        As for `Opening`.
    recipe : str
        The recipe whose own choice it was, such as that of its threshold; empty if others depend on it.

    Examples
    --------
    >>> choice = Choice(0, "models", 1000, 2000, (("Sandbox", "BTC-USDT", "1h"),))
    >>> choice.touches(1500, 3000), choice.touches(2000, 3000)
    (True, False)
    >>> choice.touches(1500, 3000, (("Sandbox", "ETH-USDT", "1h"),))
    False
    """

    chosen_at: int
    choice: str
    start: int
    end: int
    markets: Markets = ()
    recipe: str = ""

    @classmethod
    def of(cls, windows: LabelWindows, markets: Markets, choice: str, recipe: str = "") -> "Choice":
        """Describe a choice that is made now, by samples with these label intervals."""
        return cls(int(time()), choice, int(windows.start.min()), int(windows.end.max()), markets, recipe)

    @classmethod
    def of_entries(cls, entries: Mapping[str, Any]) -> "Choice":
        """Make one of a line's entries; raise one of `DAMAGE` if they are damaged."""
        for name in ("chosen_at", "start", "end"):
            _check_number(entries[name], name)
        choice, recipe = entries["choice"], entries.get("recipe", "")
        if not isinstance(choice, str) or not isinstance(recipe, str):
            raise TypeError("choice and recipe must be texts")
        return cls(entries["chosen_at"], choice, entries["start"], entries["end"], _markets_in(entries), recipe)

    def touches(self, start: float, end: float, markets: Markets = ()) -> bool:
        """Return whether it counts for an interval of some markets, by the rule in the module's docstring."""
        return self.start < end and start < self.end and _share_assets(self.markets, markets)


def entry_of(line: str) -> Opening | Choice:
    """Parse a line of a ledger; raise one of `DAMAGE` if it is damaged."""
    entries = json.loads(line)
    return Choice.of_entries(entries) if "choice" in entries else Opening.of_entries(entries)


def different_trials(looks: Sequence[Opening]) -> list[Opening]:
    """Return the different trials among evaluations in order of time, each by its last evaluation.

    Examples
    --------
    >>> first = Opening(0, 1000, 2000, "binary", "win", "", "a1", "f1")
    >>> len(different_trials([first, first, Opening(0, 1000, 2000, "binary", "win", "", "a1", "f2")]))
    2
    """
    kept: list[Opening] = []
    identities: set[tuple[str, str]] = set()
    # Only evaluations of one recipe can repeat each other otherwise: a ledger of thousands of lines is read at once.
    of_recipe: dict[str, list[Opening]] = {}
    for look in reversed(looks):
        if look.identity in identities or any(later.repeats(look) for later in of_recipe.get(look.recipe, ())):
            continue
        kept.append(look)
        identities.add(look.identity)
        if look.recipe:
            of_recipe.setdefault(look.recipe, []).append(look)
    return kept[::-1]


def sample_hashes(data: "Dataset") -> tuple[tuple[int, str], ...]:
    """Return times and hashes of a few samples, by which a data set is recognised after it has grown.

    Parameters
    ----------
    data : Dataset
        The samples.

    Returns
    -------
    tuple of (int, str)
        Of the 16 times that come first in an order that looks random and is the same for all data sets, so that two
        data sets that overlap have some of them in common. A hash is of features and label to six digits.

    Examples
    --------
    >>> from livermore.ml.dataset import Dataset
    >>> from livermore.testing import example_samples
    >>> data = Dataset.from_samples(example_samples())
    >>> hashes = sample_hashes(data)
    >>> hashes == sample_hashes(data)
    True
    """
    times = np.unique(data.time)
    # Multiplying by an odd constant and cutting to 64 bits scatters the times (Knuth, section 6.4).
    scattered = times.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    chosen = np.sort(times[np.argsort(scattered, kind="stable")[:N_HASHED]])
    return tuple((int(at), _hash_of_samples(data, at)) for at in chosen)


def _hash_of_samples(data: "Dataset", at: int) -> str:
    """Return a hash of all samples of one time."""
    begin, end = np.searchsorted(data.time, [at, at + 1])
    rows = [[*data.X[row].tolist(), float(data.labels[row])] for row in range(begin, end)]
    return hashlib.sha256(repr([[f"{value:.6g}" for value in row] for row in rows]).encode()).hexdigest()[:8]


def same_samples(a: tuple[tuple[int, str], ...], b: tuple[tuple[int, str], ...]) -> bool:
    """Return whether the hashes of two data sets are equal wherever they have a time in common, and they have one."""
    first, second = dict(a), dict(b)
    common = first.keys() & second.keys()
    return bool(common) and all(first[at] == second[at] for at in common)


def opening_of(
    estimator: Any,
    task: str,
    train: "Dataset",
    test: "Dataset",
    prediction: Prediction,
    windows: LabelWindows,
    *,
    recipe: str = "",
    scores: ForwardScores | None = None,
    p_alone: float = 1.0,
) -> Opening:
    """Describe the test-set evaluation that takes place now.

    Parameters
    ----------
    estimator : estimator
        The estimator.
    task : str
        Name of the task.
    train, test : Dataset
        The parts of the split.
    prediction : Prediction
        The predictions of the test part.
    windows : LabelWindows
        Label intervals of the test part.
    recipe : str
        From `recipe_of`.
    scores : ForwardScores, optional
        Of the judged samples.
    p_alone : float
        P-value of these scores alone.

    Returns
    -------
    Opening
    """
    predicted = prediction.probabilities if prediction.has_probabilities else prediction.values
    blocks = _blocks_of(scores)
    start, end = int(windows.start.min()), int(windows.end.max())
    return Opening(
        opened_at=int(time()),
        test_start=start if blocks is None else min(start, blocks.edges[0]),
        test_end=end if blocks is None else max(end, blocks.edges[-1]),
        task=task,
        label=test.label_name,
        estimator=" ".join(repr(estimator).split())[:200],
        configuration=configuration_of(
            estimator,
            task=task,
            features=train.feature_names,
            data=train.fingerprint(),
            weighted=train.weight is not None,
        ),
        figures=hashlib.sha256(np.round(np.asarray(predicted, dtype=np.float64), 9).tobytes()).hexdigest()[:16],
        markets=markets_of(test),
        recipe=recipe,
        data=sample_hashes(train),
        edges=() if blocks is None else blocks.edges,
        sums=() if blocks is None else blocks.sums,
        p_alone=p_alone,
    )


def recipe_of(estimator: Any, task: str, data: "Dataset", **options: Any) -> str:
    """Return a hash of what a user decides about a training: estimator, features, label, task and options.

    Parameters
    ----------
    estimator : estimator
        The estimator.
    task : str
        Name of the task.
    data : Dataset
        Its names are read, and not its values, so that the hash stays the same when the data grows.
    **options
        Options of the training that change the model.

    Returns
    -------
    str

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> from livermore.ml.dataset import Dataset
    >>> rows = [
    ...     {"time": 60 * i, "features": {"rsi": 50.0 + i}, "label": {"name": "up", "value": 0.1 * i}} for i in range(9)
    ... ]
    >>> few, all_rows = (recipe_of(Ridge(), "regression", Dataset.from_samples(rows[:n])) for n in (5, 9))
    >>> few == all_rows
    True
    """
    return configuration_of(
        estimator,
        task=task,
        features=data.feature_names,
        label=data.label_name,
        weighted=data.weight is not None,
        options=sorted((name, repr(value)) for name, value in options.items()),
    )


def configuration_of(estimator: Any, **settings: Any) -> str:
    """Return a hash of an estimator with its parameters, and of other settings.

    Examples
    --------
    >>> from sklearn.linear_model import Ridge
    >>> configuration_of(Ridge(), task="regression") == configuration_of(Ridge(alpha=2.0), task="regression")
    False
    """
    parameters = estimator.get_params(deep=True) if hasattr(estimator, "get_params") else {"": estimator}
    text = repr(
        (type(estimator).__qualname__, sorted((k, repr(v)) for k, v in parameters.items()), sorted(settings.items()))
    )
    # Memory addresses differ between runs.
    return hashlib.sha256(re.sub(r" at 0x[0-9a-fA-F]+", "", text).encode()).hexdigest()[:16]


def _blocks_of(scores: ForwardScores | None) -> BlockScores | None:
    """Sum scores over blocks, to six digits; None where there are no scores, or blocks would be of no length."""
    if scores is None or not len(scores):
        return None
    edges, sums = scores.cells(number_of_blocks(len(scores), scores.label_length))
    if not (np.diff(edges) > 0).all():
        return None
    return BlockScores(tuple(edges.tolist()), tuple(tuple(float(f"{value:.6g}") for value in row) for row in sums))


def _share_assets(some: Markets, others: Markets) -> bool:
    """Return whether two sets of markets have a base asset in common, or one of them is unknown."""
    mine, theirs = ({base_asset(symbol) for _, symbol, _ in markets} for markets in (some, others))
    return not mine or not theirs or not mine.isdisjoint(theirs)


def _markets_in(entries: Mapping[str, Any]) -> Markets:
    return tuple((str(exchange), str(symbol), str(frame)) for exchange, symbol, frame in entries.get("markets", ()))


def _check_number(value: Any, name: str) -> None:
    low, high = LIMITS.get(name, (-math.inf, math.inf))
    if type(value) not in (int, float) or not math.isfinite(value) or not low <= value <= high:
        raise ValueError(f"{name} is no number in its range")


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(f"{value!r} is no whole number")
    return value
