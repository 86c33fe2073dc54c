"""Write indexer/analysis/data/traditional.txt: one line for each traditional character, a blank, its simplified form.

Source: the tables of OpenCC (Apache-2.0), applied character by character until nothing changes.
Run it with the `dev` extra installed: python tools/make_traditional_table.py
"""

from __future__ import annotations

from pathlib import Path

import opencc

from corpus.chinese import IDEOGRAPH_RANGES

TARGET = Path(__file__).parents[1] / "indexer" / "analysis" / "data" / "traditional.txt"


def main() -> None:
    """Write the table."""
    convert = opencc.OpenCC("t2s").convert
    table = {}
    for first, last in IDEOGRAPH_RANGES:
        for code in range(ord(first), ord(last) + 1):
            character = chr(code)
            simplified = character
            while (further := convert(simplified)) != simplified:
                simplified = further
            if len(simplified) == 1 and simplified != character:
                table[character] = simplified
    lines = [f"{traditional} {simplified}\n" for traditional, simplified in sorted(table.items())]
    TARGET.write_text("".join(lines), "utf-8")


if __name__ == "__main__":
    main()
