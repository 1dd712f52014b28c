"""The functions that users call in place of a pass.

Each is written out with the pass's own parameters, so that Python binds them, however a call spells them, and a value
that is there already is found in a few steps. In a series' memo stand, for an indicator,

- under its pass and all parameters: the table of those;
- under `last` and `whole`: the tables of the calls that leave all parameters but the first as they are, by the first.
"""

import inspect
from collections.abc import Callable
from typing import Any

from livermore.errors import IndicatorError

_TEMPLATE = """
def {name}({parameters}):
    try:
        if not {candles}.forming:
            _memo = {candles}.series.memo
            {shortcut}
                {lookups}
            else:
                return _memo[_compute, {values}][{candles}.end]
    except (AttributeError, KeyError, TypeError):
        pass
    return _answer({candles}, ({values}))
"""


def caller(
    compute: Callable[..., Any], signature: inspect.Signature, answer: Callable[..., Any], whole: object
) -> Callable[..., Any]:
    """Return the function that users call.

    Parameters
    ----------
    compute : callable
        The pass; in memos, the key of `last`, too.
    signature : inspect.Signature
        Its signature.
    answer : callable
        From the candles and the tuple of all parameters to the value where there is no table yet.
    whole : object
        In memos, the key of the tables of sequential calls.

    Raises
    ------
    IndicatorError
        If a parameter has no name by which it could be given.
    """
    _check_named(compute.__name__, signature)
    candles, *names = signature.parameters
    first, others = _split(names)
    conditions = [f"{name} is _default_{name}" for name in others]
    source = _TEMPLATE.format(
        name=compute.__name__ if compute.__name__.isidentifier() else "indicator",
        candles=candles,
        parameters=", ".join(_written(signature)),
        values="".join(f"{name}, " for name in names),
        shortcut=f"if {' and '.join(conditions) or 'True'}:",
        lookups="\n                ".join(_lookups(candles, first, "sequential" in names)),
    )
    space = {f"_default_{name}": signature.parameters[name].default for name in others}
    space |= {"_answer": answer, "_compute": compute, "_last": compute, "_whole": whole}
    exec(compile(source, f"<indicator {compute.__name__}>", "exec"), space)
    call: Any = space[compute.__name__ if compute.__name__.isidentifier() else "indicator"]
    call.__defaults__ = tuple(p.default for p in signature.parameters.values() if _is_positional_default(p))
    call.__kwdefaults__ = {
        name: p.default
        for name, p in signature.parameters.items()
        if p.kind is p.KEYWORD_ONLY and p.default is not p.empty
    }
    return call  # type: ignore[no-any-return]


def shortcut(signature: inspect.Signature, args: tuple[Any, ...]) -> tuple[bool, bool, Any]:
    """Tell whether a call leaves all but the first parameter as they are, and whether it has a first one, and which."""
    names = list(signature.parameters)[1:]
    first, others = _split(names)
    given = dict(zip(names, args, strict=True))
    usual = all(given[name] is signature.parameters[name].default for name in others)
    return usual, first is not None, None if first is None else given[first]


def _check_named(name: str, signature: inspect.Signature) -> None:
    """Refuse parameters that cannot be given by name."""
    for parameter in list(signature.parameters.values())[1:]:
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise IndicatorError(
                f"{name}: the parameter {str(parameter)!r} cannot be given by name, so values cannot be remembered "
                "by it; write out the parameters of the pass"
            )


def _written(signature: inspect.Signature) -> list[str]:
    """Write the parameters, less their defaults."""
    written = []
    for name, parameter in signature.parameters.items():
        if parameter.kind is parameter.KEYWORD_ONLY and "*" not in written:
            written.append("*")
        written.append(name)
    return written


def _is_positional_default(parameter: inspect.Parameter) -> bool:
    return parameter.kind is not parameter.KEYWORD_ONLY and parameter.default is not parameter.empty


def _split(names: list[str]) -> tuple[str | None, list[str]]:
    """Split the names of parameters into the first and the others, less `sequential`."""
    numbers = [name for name in names if name != "sequential"]
    return (numbers[0], numbers[1:]) if numbers else (None, [])


def _lookups(candles: str, first: str | None, sequential: bool) -> list[str]:
    """Write the look-ups of a call with the usual parameters."""
    by_first = f"[{first}]" if first is not None else ""
    last = f"return _memo[_last]{by_first}[{candles}.end]"
    if not sequential:
        return [last]
    whole = f"return _memo[_whole]{by_first}[{candles}.end]"
    return ["if sequential is False:", f"    {last}", "if sequential is True:", f"    {whole}"]
