"""Generates texts for machines without a corpus: words by Zipf's law, in sentences, paragraphs and topics."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from importlib.util import find_spec
from itertools import accumulate, count
from pathlib import Path
from random import Random
from typing import Any, Final

#: Documents are drawn in the order of their numbers: the first thousand of any run are the same.
SEED: Final = 20_240_501
_VOCABULARY: Final = 60_000
#: Zipf-Mandelbrot: the weight of a word is 1 / (rank + offset).
_OFFSET: Final = 2.7
_TOPICS: Final = 400
_TOPIC_WORDS: Final = 30
#: The share of a text's words that come from its topic: words of natural texts keep together.
_TOPIC_SHARE: Final = 0.15
_ACCOUNTS: Final = 60
_FIRST_DAY: Final = date(2012, 1, 1)
_DAYS: Final = 14 * 365


def generate() -> Iterator[dict[str, Any]]:
    """Records without end: id, title, account, date, text; about 1,100 characters each, most of them Han."""
    draw = Random(SEED)  # noqa: S311  # reproducible texts, nothing secret
    words = _dictionary_words()
    weights = list(accumulate(1 / (rank + _OFFSET) for rank in range(len(words))))
    topics = [draw.sample(words, _TOPIC_WORDS) for _ in range(_TOPICS)]
    accounts = ["".join(draw.choices(words[:3000], k=2)) for _ in range(_ACCOUNTS)]
    account_weights = list(accumulate(1 / (rank + 1) for rank in range(_ACCOUNTS)))
    for number in count():
        topic = draw.choice(topics)
        paragraphs = [_paragraph(draw, words, weights, topic) for _ in range(max(2, round(draw.gauss(8, 3))))]
        yield {
            "id": f"g{number:07}",
            "title": "".join(draw.choices(topic, k=2) + draw.choices(words, cum_weights=weights, k=5)),
            "account": draw.choices(accounts, cum_weights=account_weights)[0],
            "date": (_FIRST_DAY + timedelta(days=draw.randrange(_DAYS))).isoformat(),
            "text": "\n".join(paragraphs),
        }


def _paragraph(draw: Random, words: list[str], weights: list[float], topic: list[str]) -> str:
    return "".join(_sentence(draw, words, weights, topic) for _ in range(draw.randint(2, 6)))


def _sentence(draw: Random, words: list[str], weights: list[float], topic: list[str]) -> str:
    chosen = draw.choices(words, cum_weights=weights, k=draw.randint(6, 26))
    for place in range(len(chosen)):
        if draw.random() < _TOPIC_SHARE:
            chosen[place] = draw.choice(topic)
    if len(chosen) > 12:
        chosen[len(chosen) // 2] += "，"
    return "".join(chosen) + draw.choice("。。。。；？")


def _dictionary_words() -> list[str]:
    """The most frequent words of jieba's dictionary, most frequent first."""
    found = find_spec("jieba")
    if found is None or found.origin is None:
        raise ModuleNotFoundError("jieba's dictionary is needed to generate texts")
    entries = []
    for line in Path(found.origin).with_name("dict.txt").read_text("utf-8").splitlines():
        word, frequency, *_ = line.split(" ")
        entries.append((-int(frequency), word))
    return [word for _, word in sorted(entries)[:_VOCABULARY]]
