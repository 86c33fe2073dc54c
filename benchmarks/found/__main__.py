"""`python -m benchmarks.found`: the share of visible strings that an exact query finds in their own file, by format."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Final

from benchmarks.documents import BenchmarkDocument, documents
from benchmarks.found import marked_up
from benchmarks.found.marked_up import Writer, Written
from corpus.settings import Settings
from indexer.build import build_index
from searcher.results import Request
from searcher.service import Searcher

WRITERS: Final[dict[str, Writer]] = {
    "markdown": marked_up.markdown,
    "html": marked_up.page,
    "json": marked_up.json_fields,
    "docx": marked_up.word,
}
_SEED: Final = 20_261_128
_SHOWN: Final = 5
_HEADING: Final = "| format | documents | strings | found | not found, for example |\n|---|---:|---:|---:|---|"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.found", description=__doc__)
    parser.add_argument("--documents", type=int, default=200, metavar="N", help="files of each format (default 200)")
    parser.add_argument("--strings", type=int, default=20, metavar="N", help="strings of each file (default 20)")
    parser.add_argument("--formats", default="markdown,html,json,docx,pdf", metavar="A,B", help="(default: all)")
    options = parser.parse_args(arguments)
    texts = list(documents(options.documents))
    print(_HEADING)
    for name in options.formats.split(","):
        print(_row(name, texts, options.strings), flush=True)
    return 0


def _row(name: str, texts: list[BenchmarkDocument], count: int) -> str:
    draw = Random(_SEED)  # noqa: S311  # repeatable
    with tempfile.TemporaryDirectory(prefix="kesou-found-") as folder:
        source, index = Path(folder) / "in", Path(folder) / "index"
        source.mkdir()
        if name == "pdf":
            written = _print(texts[: max(len(texts) // 10, 1)], source, draw)
        else:
            written = {}
            for text in texts:
                written[text.id] = made = WRITERS[name](text, draw)
                (source / f"{text.id}{made.suffix}").write_bytes(made.content)
        settings = Settings(index=str(index))
        build_index([source], settings)
        searcher = Searcher(index, settings)
        asked, missed = 0, []
        for id, made in written.items():
            for string in marked_up.strings(made, draw, count):
                asked += 1
                request = Request(query=string, exact=True, snippets=False)
                if all(
                    id not in (hit.source_id, hit.url) and id not in hit.source_id for hit in searcher.all(request)[1]
                ):
                    missed.append(string)
        searcher.close()
    examples = " · ".join(f"`{string}`" for string in missed[:_SHOWN]).replace("|", "\\|")
    return f"| {name} | {len(written)} | {asked:,} | {1 - len(missed) / max(asked, 1):.4f} | {examples} |"


def _print(texts: list[BenchmarkDocument], folder: Path, draw: Random) -> dict[str, Written]:
    """PDF files as Chromium prints the pages; none where it is not installed."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("chromium is not installed: no PDF files", file=sys.stderr)
        return {}
    written = {}
    for text in texts:
        made = marked_up.page(text, draw)
        page, printed = folder.parent / f"{text.id}.html", folder / f"{text.id}.pdf"
        page.write_bytes(made.content)
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--print-to-pdf={printed}"]
        subprocess.run(  # noqa: S603  # our own page
            [chromium, *options, f"--user-data-dir={folder.parent / 'chromium'}", page.as_uri()],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        written[text.id] = made
    return written


if __name__ == "__main__":
    sys.exit(main())
