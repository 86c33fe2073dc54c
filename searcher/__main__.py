"""`python -m searcher` is the command `search`."""

import sys

from searcher.cli import main

sys.exit(main())
