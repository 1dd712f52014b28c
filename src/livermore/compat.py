"""Jesse's import paths: the public name of `livermore.jesse.compat`, which is the same module."""

import sys
from typing import TYPE_CHECKING

from livermore.jesse import compat as _module

if TYPE_CHECKING:
    from livermore.jesse.compat import *  # noqa: F403 -- so that type checkers see what the module below has

sys.modules[__name__] = _module
