"""`python -m sync_engine`, the same as `syncproof-engine`."""

import sys

from sync_engine.cli import main

if __name__ == "__main__":
    sys.exit(main())
