"""Write indexer/analysis/data/dictionary.data: jieba's dictionary, by which queries are cut.

Source: jieba (MIT). Entries with frequency 0 are prefixes in jieba's table, not words; indexer/analysis/dictionary.py
describes the format.
Run it with the `dev` extra installed: python tools/make_dictionary.py
"""

from __future__ import annotations

from array import array

import jieba

from indexer.analysis.dictionary import FILE, HEADER


def packed() -> bytes:
    """The contents of the file."""
    tokenizer = jieba.Tokenizer()
    frequencies, total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    words = sorted((word.encode(), frequency) for word, frequency in frequencies.items() if frequency)
    ends = array("I")
    firsts: dict[int, int] = {}
    end = 0
    for number, (word, _) in enumerate(words):
        end += len(word)
        ends.append(end)
        firsts.setdefault(ord(word.decode()[0]), number)
    arrays = ([frequency for _, frequency in words], ends, firsts, firsts.values())
    pieces = [HEADER.pack(total, len(words), len(firsts)), *(array("I", numbers).tobytes() for numbers in arrays)]
    return b"".join((*pieces, *(word for word, _ in words)))


if __name__ == "__main__":
    FILE.write_bytes(packed())
