"""`livermore ui`: pages that show what a project's files and journals say, on this machine only.

It has no state of its own: each page reads the files that the command line reads and writes. What a screen shows is
made by functions without a web framework (`_screens`); `_app` gives them addresses, `_access` says who may ask.
"""

from typing import TYPE_CHECKING

from livermore.lazy import lazy_exports

if TYPE_CHECKING:
    from livermore.ui._server import UiServer as UiServer

__getattr__, __dir__, __all__ = lazy_exports(__name__, __file__)
