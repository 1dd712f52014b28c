"""Jesse's utilities: the public name of `livermore.jesse.utils`, which is the same module."""

import sys
from typing import TYPE_CHECKING

from livermore.jesse import utils as _module

if TYPE_CHECKING:
    from livermore.jesse.utils import *  # noqa: F403 -- so that type checkers see what the module below has

sys.modules[__name__] = _module
