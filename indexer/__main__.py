"""The entry of the command `search-index`, also as `python -m indexer`; it guards the imports of the command too."""

from __future__ import annotations

from corpus.command_outcome import outcome_of


def main() -> None:
    """Run `search-index` and exit."""
    with outcome_of("search-index"):
        from indexer.commands.cli import main

        main(prog_name="search-index")


if __name__ == "__main__":
    main()
