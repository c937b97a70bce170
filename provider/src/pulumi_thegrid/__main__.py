"""`python -m pulumi_thegrid` is the command `pulumi-thegrid`."""

import sys

from pulumi_thegrid._command import main

if __name__ == "__main__":
    sys.exit(main())
