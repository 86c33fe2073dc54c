"""`python -m web` is the command `search-web`."""

from web.cli import main

if __name__ == "__main__":
    main()
