"""Generates any number of texts from a smaller set: titles and days of its documents, bodies of others' sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import count
from random import Random
from typing import Any, Final

#: Documents are drawn in the order of their numbers: the first thousand of any run are the same.
SEED: Final = 500
#: Sentences that stay together: enough for phrases, too few for documents to be near-duplicates of each other.
_SENTENCES: Final = 3
_SENTENCE_END: Final = re.compile(r"(?<=[。！？\n])")


def vary(records: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The records themselves, then variations without end; raises ValueError if there is no record.

    A variation has the account, the day and about the length of a record, its title with a number, and a body of runs
    of sentences of other records: words and strings keep their frequencies, and the vocabulary does not grow.
    """
    originals = []
    for record in records:
        originals.append(record)
        yield record
    if not originals:
        raise ValueError("there is no text to vary")
    draw = Random(SEED)  # noqa: S311  # reproducible texts, nothing secret
    sentences = [_SENTENCE_END.split(record["text"]) for record in originals]
    for turn in count(1):
        for record in originals:
            yield {
                **record,
                "id": f"{record['id']}-{turn}",
                "title": f"{record['title']}（{turn}）",
                "text": _body(draw, sentences, len(record["text"])),
            }


def _body(draw: Random, sentences: list[list[str]], length: int) -> str:
    """Runs of sentences, at least one, cut to a length in characters."""
    chosen: list[str] = []
    size = 0
    while size < length:
        source = sentences[draw.randrange(len(sentences))]
        start = draw.randrange(len(source))
        run = "".join(source[start : start + _SENTENCES])
        chosen.append(run)
        size += max(1, len(run))
    return "".join(chosen)[:length]
