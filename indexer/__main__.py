"""`python -m indexer` is the command `search-index`."""

from indexer.commands.cli import main

main()
