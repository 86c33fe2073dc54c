"""`python -m indexer` is the command `search-index`."""

from indexer.cli import main

main()
