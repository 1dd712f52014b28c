"""``python -m livermore``: the command line."""

import sys

from livermore.cli import main

sys.exit(main())
