"""The entry of the command `search`, also as `python -m searcher`; it guards the imports of the command too."""

from __future__ import annotations

import gc
import sys

from corpus.command_outcome import outcome_of


def main() -> None:
    """Run `search` and exit."""
    with outcome_of("search"):
        gc.disable()  # imports make no garbage, and looking for it takes 3 % of a query's time
        from searcher.commands.cli import main

        gc.enable()
        sys.exit(main())


if __name__ == "__main__":
    main()
