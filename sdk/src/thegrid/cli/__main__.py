"""`python -m thegrid.cli`."""

import sys

from thegrid.cli import main

if __name__ == "__main__":
    sys.exit(main())
