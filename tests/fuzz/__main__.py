"""`python -m tests.fuzz`: see guided.py."""

from __future__ import annotations

import sys

from tests.fuzz.guided import main

if __name__ == "__main__":
    sys.exit(main())
