"""Chooses sixty queries and some strings from the corpus by document frequency, the same for every engine."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Final, Literal

from benchmarks.documents import BenchmarkDocument
from benchmarks.tokens import words

Kind = Literal["rare", "middling", "common", "any", "all", "phrase", "filtered", "string"]
#: any and all: of the terms; phrase: one after the other; string: exactly these characters, wherever words end.
Match = Literal["any", "all", "phrase", "string"]

KINDS: Final[tuple[Kind, ...]] = ("rare", "middling", "common", "any", "all", "phrase", "filtered")
#: Terms are chosen from these first documents; more would change little but the time it takes.
SAMPLE: Final = 10_000
_SEED: Final = 7
_STRINGS: Final = 60
_HAN: Final = re.compile("[\u4e00-\u9fd5]{2,}")
_SENTENCE_END: Final = re.compile(r"[^\w]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question; days are ISO dates, both ends included. `expected` is the brute-force total (see truth.py)."""

    id: str
    kind: Kind
    match: Match
    terms: tuple[str, ...]
    account: str | None = None
    date_from: str | None = None
    date_to: str | None = None
    expected: int = -1

    @property
    def text(self) -> str:
        """The terms joined, as they stand in a text."""
        return "".join(self.terms)


def choose(sample: Sequence[BenchmarkDocument]) -> list[Question]:
    """10 rare, 8 middling, 8 common terms, 8 any, 8 all, 6 phrases, 12 filtered, then 60 strings; always the same.

    Every question but the strings is made of Han words of two and more characters; each has an answer in the sample.
    """
    draw = Random(_SEED)  # noqa: S311  # reproducible questions, nothing secret
    frequency: Counter[str] = Counter()
    for document in sample:
        frequency.update({word for word in words(f"{document.title}\n{document.text}") if _HAN.fullmatch(word)})
    chosen = [
        *_single(draw, "rare", _between(frequency, 2, max(3, len(sample) // 2000)), 10),
        *_single(draw, "middling", _between(frequency, len(sample) // 100, len(sample) * 3 // 100), 8),
        *_single(draw, "common", [word for word, _ in _ranked(frequency)[:40]], 8),
    ]
    groups = [_neighbours(draw, sample, 2 + number % 3) for number in range(8)]
    chosen += [Question(id=f"any-{n}", kind="any", match="any", terms=group) for n, group in enumerate(groups)]
    chosen += [Question(id=f"all-{n}", kind="all", match="all", terms=group) for n, group in enumerate(groups)]
    for number in range(6):
        terms = _neighbours(draw, sample, 2, is_adjacent=True)
        chosen.append(Question(id=f"phrase-{number}", kind="phrase", match="phrase", terms=terms))
    busiest = [account for account, _ in _ranked(Counter(document.account for document in sample))[:6]]
    chosen += [_filtered(draw, sample, busiest[number % len(busiest)], number) for number in range(12)]
    return chosen + [_string(draw, sample, number) for number in range(_STRINGS)]


def save(queries: Iterable[Question], path: Path) -> None:
    """Write the questions for the processes that ask them."""
    path.write_text(json.dumps([asdict(query) for query in queries], ensure_ascii=False), "utf-8")


def load(path: Path) -> list[Question]:
    """Questions that `save` wrote."""
    return [Question(**{**entry, "terms": tuple(entry["terms"])}) for entry in json.loads(path.read_text("utf-8"))]


def _ranked(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))


def _between(frequency: Counter[str], least: int, most: int) -> list[str]:
    return sorted(word for word, count in frequency.items() if least <= count <= most)


def _single(draw: Random, kind: Kind, candidates: Sequence[str], count: int) -> list[Question]:
    if len(candidates) < count:
        raise ValueError(f"too few documents: only {len(candidates)} {kind} words")
    terms = draw.sample(candidates, count)
    return [Question(id=f"{kind}-{n}", kind=kind, match="any", terms=(term,)) for n, term in enumerate(terms)]


def _neighbours(
    draw: Random, sample: Sequence[BenchmarkDocument], count: int, is_adjacent: bool = False
) -> tuple[str, ...]:
    """Different Han words of one clause of some document, in order; without a word between when `is_adjacent`."""
    while True:
        clause = draw.choice(_SENTENCE_END.split(draw.choice(sample).text.lower()))
        found = words(clause)
        starts = [at for at in range(len(found)) if all(map(_HAN.fullmatch, found[at : at + count]))]
        starts = [at for at in starts if at + count <= len(found)]
        if is_adjacent:
            candidates = [tuple(found[at : at + count]) for at in starts]
        else:
            kept = [word for word in dict.fromkeys(found) if _HAN.fullmatch(word)]
            candidates = [tuple(kept[:count])] if len(kept) >= count else []
        candidates = [terms for terms in candidates if len(set(terms)) == count]
        if candidates:
            return draw.choice(candidates)


def _filtered(draw: Random, sample: Sequence[BenchmarkDocument], account: str, number: int) -> Question:
    """By account, by a year of dates, or both, in turn; two thirds ask for any of the terms, one third for all."""
    by_account, by_date = number % 3 != 1, number % 3 != 0
    of_account = [document for document in sample if document.account == account and len(document.text) > 20]
    while True:
        document = draw.choice(of_account or list(sample))
        found = [word for word in dict.fromkeys(words(document.text)) if _HAN.fullmatch(word)]
        if len(found) >= 2:
            break
    return Question(
        id=f"filtered-{number}",
        kind="filtered",
        match="any" if number < 8 else "all",
        terms=tuple(draw.sample(found, 1 + number % 2)) if number < 8 else tuple(draw.sample(found, 2)),
        account=document.account if by_account else None,
        date_from=f"{document.date[:4]}-01-01" if by_date else None,
        date_to=f"{document.date[:4]}-12-31" if by_date else None,
    )


def _string(draw: Random, sample: Sequence[BenchmarkDocument], number: int) -> Question:
    """Three to eight neighbouring characters of some document, none of them a blank or a quotation mark."""
    while True:
        text = draw.choice(sample).text
        length = 3 + number % 6
        at = draw.randrange(max(1, len(text) - length))
        piece = text[at : at + length]
        if len(piece) == length and not re.search(r"[\s\"“”„‟＂「」『』\0]", piece) and re.search(r"\w", piece):
            return Question(id=f"string-{number}", kind="string", match="string", terms=(piece,))
