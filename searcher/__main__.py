"""`python -m searcher` is the command `search`."""

import sys

from searcher.commands.cli import main

sys.exit(main())
