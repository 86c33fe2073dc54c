"""Write the table of settings into README.md and README.zh-CN.md, from the one in corpus/settings.py."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from corpus.settings import Settings

ROOT = Path(__file__).parents[1]


def table() -> str:
    """The rows as Markdown."""
    rows = [f"| `{row.name}` | {row.default or '—'} | {row.metadata['help']} |\n" for row in fields(Settings)]
    return "".join(["| name | default | meaning |\n|---|---|---|\n", *rows])


def with_table(text: str) -> str:
    """A README's text with the table between its two marks brought up to date."""
    return re.sub(
        r"(<!-- settings: .*? -->\n).*?(<!-- /settings -->)", rf"\g<1>\n{table()}\n\g<2>", text, flags=re.DOTALL
    )


if __name__ == "__main__":
    for readme in (ROOT / "README.md", ROOT / "README.zh-CN.md"):
        readme.write_text(with_table(readme.read_text("utf-8")), "utf-8")
