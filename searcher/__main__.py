"""The entry of the command `search`, also as `python -m searcher`; it guards the imports of the command too."""

from __future__ import annotations

import sys

from corpus.command_outcome import outcome_of


def main() -> None:
    """Run `search` and exit."""
    with outcome_of("search"):
        from searcher.commands.cli import main

        sys.exit(main())


if __name__ == "__main__":
    main()
