"""The command line: the same model and the same numbers as the page."""

import sys

from model.cli.parser import main

if __name__ == "__main__":
    sys.exit(main())
