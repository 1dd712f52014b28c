"""Makes the modules of the fuzzer importable; they are plain modules, since Jesse's environment imports them too."""

import sys
from pathlib import Path

HERE = str(Path(__file__).resolve().parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)
