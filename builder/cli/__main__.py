"""`python -m builder.cli`: the layerloom command."""

import sys

from builder.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
