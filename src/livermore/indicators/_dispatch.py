"""The functions that users call in place of a pass.

The compiled callable of `livermore.indicators._kernels.cache` puts the parameters in order and looks values up. Calls
that do not fit the signature, and all calls where nothing is compiled, go through a function in Python.
"""

import functools
import inspect
from collections.abc import Callable
from typing import Any

from livermore.errors import IndicatorError
from livermore.indicators._kernels.cache import Finder, fast_callable


def indicator_callable(
    compute: Callable[..., Any],
    signature: inspect.Signature,
    answer: Callable[[Any, tuple[Any, ...]], Any],
    key: object,
    partial_key: object,
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
    key, partial_key : object
        Under which the memo of a series has the indicator's tables, of completed and of partial bars.

    Raises
    ------
    IndicatorError
        If a parameter cannot be given by name.
    """
    parameters = list(signature.parameters.values())[1:]
    for parameter in parameters:
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise IndicatorError(
                f"{compute.__name__}: the parameter {str(parameter)!r} cannot be given by name, so values cannot be "
                "remembered by it; write out the parameters of the pass"
            )
    find = Finder(answer, key, partial_key).find

    @functools.wraps(compute)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError:
            return compute(*args, **kwargs)  # raises the error that Python raises for such a call
        bound.apply_defaults()
        candles, *values = bound.arguments.values()
        return find(candles, tuple(values))

    names = tuple(parameter.name for parameter in parameters)
    defaults = {p.name: p.default for p in parameters if p.default is not p.empty}
    positional = sum(p.kind is p.POSITIONAL_OR_KEYWORD for p in parameters)
    made = fast_callable(call, find, names, defaults, positional, key, partial_key)
    return made if made is call else functools.update_wrapper(made, compute)
