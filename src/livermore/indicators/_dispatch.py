"""The functions that users call in place of a pass.

Each is written out with the pass's own parameters, so that Python binds them, however a call spells them; in front of
it stands, where there is compiled code, one that knows the calls that have been made before.
"""

import inspect
from collections.abc import Callable
from typing import Any

from livermore.errors import IndicatorError
from livermore.indicators._kernels.cache import Finder, looked_up

_TEMPLATE = """
def {name}({parameters}):
    return _find({candles}, ({values}))
"""


def caller(
    compute: Callable[..., Any],
    signature: inspect.Signature,
    answer: Callable[[Any, tuple[Any, ...]], Any],
    key: object,
    forming: object,
) -> Callable[..., Any]:
    """Return the function that users call.

    Parameters
    ----------
    compute : callable
        The pass.
    signature : inspect.Signature
        Its signature.
    answer : callable
        From the candles and the tuple of all parameters to the value where there is no table yet.
    key, forming : object
        Under which the memo of a series has the indicator's tables: of completed bars, and of bars that form.

    Raises
    ------
    IndicatorError
        If a parameter has no name by which it could be given.
    """
    _check_named(compute.__name__, signature)
    candles, *names = signature.parameters
    name = compute.__name__ if compute.__name__.isidentifier() else "indicator"
    source = _TEMPLATE.format(
        name=name,
        candles=candles,
        parameters=", ".join(_written(signature)),
        values="".join(f"{name}, " for name in names),
    )
    space: dict[str, Any] = {"_find": Finder(answer, key).find}
    exec(compile(source, f"<indicator {compute.__name__}>", "exec"), space)
    call: Any = space[name]
    by_name = [p for p in signature.parameters.values() if p.kind is p.KEYWORD_ONLY]
    call.__defaults__ = tuple(p.default for p in signature.parameters.values() if _is_positional_default(p))
    call.__kwdefaults__ = {p.name: p.default for p in by_name if p.default is not p.empty}
    call.__qualname__, call.__module__ = compute.__qualname__, compute.__module__
    defaults = {p.name: p.default for p in signature.parameters.values() if p.default is not p.empty}
    return looked_up(call, tuple(names), defaults, len(names) - len(by_name), key, forming)  # type: ignore[no-any-return]


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
