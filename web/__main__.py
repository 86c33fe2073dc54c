"""The entry of the command `search-web`, also as `python -m web`; it guards the imports of the command too."""

from __future__ import annotations

from corpus.command_outcome import outcome_of


def main() -> None:
    """Run `search-web` and exit."""
    with outcome_of("search-web"):
        from web.cli import main

        main(prog_name="search-web")


if __name__ == "__main__":
    main()
