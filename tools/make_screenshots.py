"""Take the pictures of the READMEs: the result page over the sample corpus, in light and dark, with Chromium.

Needs playwright (extra `dev`) and Debian's chromium and fonts-noto-cjk.
"""

from __future__ import annotations

import tempfile
import threading
from contextlib import closing
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlencode

import waitress  # type: ignore[import-untyped, unused-ignore]  # it has no type hints
from playwright.sync_api import ViewportSize, sync_playwright

from corpus import Settings
from indexer import build_index
from searcher import Searcher
from web import create_app

ROOT: Final = Path(__file__).resolve().parents[1]
IMAGES: Final = ROOT / "docs" / "images"
SIZE: Final[ViewportSize] = {"width": 1000, "height": 560}
QUERY: Final = "脑机接口"
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")


def take(address: str) -> None:
    """Write docs/images/results-<language>-<scheme>.png."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for scheme in SCHEMES:
            for language in ("en", "zh"):
                page = browser.new_page(viewport=SIZE, color_scheme=scheme)
                page.goto(f"{address}/?{urlencode({'q': QUERY, 'lang': language})}")
                page.screenshot(path=IMAGES / f"results-{language}-{scheme}.png")
                page.close()
        browser.close()


def main() -> None:
    """Index the sample corpus, serve it, and take the pictures."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(index=folder)
        build_index([ROOT / "corpus" / "sample"], settings)
        with closing(Searcher(settings.index_dir, settings)) as searcher:
            server = waitress.create_server(create_app(settings, searcher), host="127.0.0.1", port=0)
            thread = threading.Thread(target=server.run)
            thread.start()
            try:
                take(f"http://127.0.0.1:{server.effective_port}")
            finally:
                server.close()
                thread.join()


if __name__ == "__main__":
    main()
