"""Finds near-duplicates: reposts, also under another title, and re-issues of one notice.

MinHash sketches select candidate pairs, the texts decide. Notices are written from templates: two texts that are equal
in nearly all characters may announce different batches, years or projects, and are then not near-duplicates.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from corpus.chinese import NUMERAL, numeral_value
from corpus.document import Cluster
from corpus.minhash import SKETCH_BYTES, SKETCH_SIZE, Shingler

if TYPE_CHECKING:
    from corpus.minhash import Hashes

#: Least Jaccard similarity of copies. Among real articles a re-issue has 0.87, notices of one template up to 0.57.
LEAST_SIMILARITY: Final = 0.8
#: Shorter texts are copies only if texts and titles are equal.
SHORT_CHARS: Final = 50

#: Sixteen bands of four hashes: a pair of similarity 0.8 shares a band with probability 0.9998, one of 0.4 with 0.34.
_BAND_ROWS: Final = 4
#: Least estimated similarity of candidates: four standard deviations below LEAST_SIMILARITY.
_LEAST_ESTIMATE: Final = 0.6
#: A document is compared with so many earlier ones of the same band, and with the originals of these: thousands of
#: notices of one template would otherwise take quadratic time.
_WINDOW: Final = 16
_MIX: Final = 0x9E3779B97F4A7C15  # an odd multiplier: the fractional bits of the golden ratio
_PAIRS_AT_ONCE: Final = 1 << 16  # 32 MB of sketches
_DIGEST_BYTES: Final = 16
_TEXTS_KEPT: Final = 16

_NO_DATE: Final = "9999"  # sorts after every date
_PREFIX: Final = re.compile(r"\s*(?:[【\[［][^】\]］]{1,12}[】\]］]|[^｜丨|]{1,8}[｜丨|])")
_NUMERAL: Final = rf"\d{{1,9}}|{NUMERAL}"
_BATCH: Final = rf"第\s?({_NUMERAL})\s?([批期届轮])"
_TITLE_NUMBERS: Final = re.compile(rf"第\s?({_NUMERAL})\s?(\w)|(\d{{1,9}}(?:\.\d{{1,9}})?)\s?(\w?)")
#: Patterns whose values differ between notices of one template, and how many values must differ: a repost may have a
#: dateline of its own.
_BODY_MARKS: Final = (
    (1, re.compile(r"(?<!\d)((?:19|20)\d\d)\s?[年〕\]］]")),
    (1, re.compile(_BATCH)),
    (2, re.compile(r"(?<!\d)(\d{1,2})\s?月\s?(\d{1,2})\s?日")),
)
#: A notice's own number is between its title and the colon after the addressees.
_OWN_NUMBER: Final = re.compile(
    r"[^：:。，；]{0,300}?[〔\[［（(]\s?((?:19|20)\d\d)\s?[〕\]］）)]\s?第?\s?(\d{1,5})\s?号"
)
_NAME_CHARS: Final = 4
#: The last position where a copy of the title may begin: names of issuers precede it.
_MAX_TITLE_POSITION: Final = 200


class TextSketch(NamedTuple):
    """What of a text is kept to find its near-duplicates; the sketch of a short text is zero.

    Texts with equal digests are copies.
    """

    digest: bytes
    sketch: bytes


class Sketcher:
    """Sketches texts, which takes about 0.07 ms for 1,000 characters."""

    def __init__(self) -> None:
        self._shingler = Shingler()

    def sketch(self, title: str, body: str) -> TextSketch:
        """The sketch of one document."""
        letters = self._shingler.letters(body)
        is_short = letters.size < SHORT_CHARS
        digest = hashlib.blake2b(letters.tobytes(), digest_size=_DIGEST_BYTES)
        if is_short:
            digest.update(_without_prefix(title, self._shingler).encode())
        sketch = bytes(SKETCH_BYTES) if is_short else self._shingler.sketch(self._shingler.hashes(letters))
        return TextSketch(digest.digest(), sketch)


class Duplicates:
    """Collects the sketches of documents with distinct ids, about 450 bytes for each, then finds the clusters of them.

    The order of adding makes no difference. `verdicts` are pairs of ids, the earlier document first, and the similarity
    that the texts have, 0 for no copies: given those of an earlier run, whose texts are unchanged, these texts are not
    compared again. Afterwards it has the pairs that counted.
    """

    def __init__(self, verdicts: Mapping[tuple[str, str], float] | None = None) -> None:
        self.verdicts: dict[tuple[str, str], float] = {}
        self._known = verdicts or {}
        self._ids: list[str] = []
        self._dates: list[str] = []
        self._digests: list[bytes] = []
        self._sketches = bytearray()

    def add(self, id: str, date: str | None, text: TextSketch) -> None:
        """Add one document. `date` is YYYY-MM-DD."""
        self._ids.append(id)
        self._dates.append(date or _NO_DATE)
        self._digests.append(text.digest)
        self._sketches += text.sketch

    def clusters(self, text_of: Callable[[str], tuple[str, str]]) -> dict[str, Cluster]:
        """The cluster of each document that has copies, by id; `text_of` returns title and body of an id.

        All others of a cluster are copies of its earliest document.
        """
        order = sorted(range(len(self._ids)), key=self._ids.__getitem__)
        order.sort(key=self._dates.__getitem__)  # by day, and by id within it
        same: dict[bytes, list[int]] = defaultdict(list)  # documents with equal text, the earliest first
        for number in order:
            same[self._digests[number]].append(number)
        groups = list(same.values())
        leaders = self._leaders([self._ids[group[0]] for group in groups], self._candidates(groups), text_of)
        repeated = {number for number, documents in enumerate(groups) if len(documents) > 1}
        found = {}
        for number in sorted({*repeated, *leaders, *(leader for leader, _ in leaders.values())}):
            leader, similarity = leaders.get(number, (number, 1.0))
            earliest = self._ids[groups[leader][0]]
            for document in groups[number]:
                found[self._ids[document]] = Cluster(id=earliest, earliest=earliest, similarity=similarity)
        return found

    def _candidates(self, groups: list[list[int]]) -> Mapping[int, list[int]]:
        """Group → the earlier groups whose first documents have a similar sketch."""
        import numpy as np

        if not groups:
            return {}
        every = np.frombuffer(self._sketches, np.uint32).reshape(-1, SKETCH_SIZE)
        documents = np.array([group[0] for group in groups])
        is_long = np.asarray(every.any(axis=1))  # the sketches of short texts are all zero
        numbers = np.flatnonzero(is_long[documents])
        earlier: dict[int, list[int]] = defaultdict(list)
        for one, other in _similar_pairs(np, every[documents[numbers]]):
            earlier[int(numbers[other])].append(int(numbers[one]))
        return earlier

    def _leaders(
        self, ids: list[str], candidates: Mapping[int, list[int]], text_of: Callable[[str], tuple[str, str]]
    ) -> dict[int, tuple[int, float]]:
        """For each group that copies earlier ones, the most similar of these, which copies none; and the similarity."""
        compare = _Comparison(text_of)
        leaders: dict[int, tuple[int, float]] = {}
        for number in sorted(candidates):
            best = (0.0, number)
            for leader in sorted({leaders.get(earlier, (earlier,))[0] for earlier in candidates[number]}):
                pair = ids[leader], ids[number]
                similarity = self._known.get(pair)
                if similarity is None:
                    similarity = compare.similarity(*pair)
                self.verdicts[pair] = similarity
                if similarity > best[0]:
                    best = (similarity, leader)
            if best[1] != number:
                leaders[number] = (best[1], round(best[0], 4))
        return leaders


class _Comparison:
    """Compares the texts of candidates; keeps the last ones, because the same earliest text is compared many times."""

    def __init__(self, text_of: Callable[[str], tuple[str, str]]) -> None:
        self._text_of = text_of
        self._shingler: Shingler | None = None
        self._texts: OrderedDict[str, _ComparedText] = OrderedDict()

    def similarity(self, one: str, other: str) -> float:
        """The similarity of the texts with two ids; 0 if they are no copies."""
        first, second = self._text(one), self._text(other)
        similarity = first.shingler.jaccard(first.shingles, second.shingles)
        return similarity if similarity >= LEAST_SIMILARITY and _is_same_notice(first, second) else 0.0

    def _text(self, id: str) -> _ComparedText:
        if id not in self._texts:
            self._shingler = self._shingler or Shingler()
            self._texts[id] = _ComparedText(*self._text_of(id), self._shingler)
            if len(self._texts) > _TEXTS_KEPT:
                self._texts.popitem(last=False)
        self._texts.move_to_end(id)
        return self._texts[id]


def _similar_pairs(np: Any, sketches: Any) -> Iterator[tuple[int, int]]:
    """The pairs of rows whose estimated similarity is high enough, earlier row first, each once."""
    rows = max(len(sketches), 1)
    found = np.empty(0, np.int64)  # a pair encoded as earlier row × rows + later row
    for pairs in _pairs_by_band(np, sketches):
        unseen = np.setdiff1d(pairs, found, assume_unique=True)
        for at in range(0, len(unseen), _PAIRS_AT_ONCE):
            some = unseen[at : at + _PAIRS_AT_ONCE]
            agreeing = (sketches[some // rows] == sketches[some % rows]).sum(axis=1)
            found = np.union1d(found, some[agreeing >= _LEAST_ESTIMATE * SKETCH_SIZE])
    return zip((found // rows).tolist(), (found % rows).tolist(), strict=True)


def _pairs_by_band(np: Any, sketches: Any) -> Iterator[Any]:
    """For each band the pairs of rows with equal hashes in it, at most _WINDOW apart in row order."""
    for band in range(0, SKETCH_SIZE, _BAND_ROWS):
        keys = np.zeros(len(sketches), np.uint64)
        for column in range(band, band + _BAND_ROWS):
            keys = keys * np.uint64(_MIX) + sketches[:, column]
        ordered = np.sort(keys)  # faster than argsort, and few share a key with another one
        repeated = ordered[1:][ordered[1:] == ordered[:-1]]
        if not repeated.size:
            continue
        sharing = np.flatnonzero(repeated[np.searchsorted(repeated, keys) % repeated.size] == keys)
        order = sharing[np.argsort(keys[sharing], kind="stable")]
        keys = keys[order]
        pairs = []
        for step in range(1, _WINDOW + 1):
            equal = np.flatnonzero(keys[step:] == keys[:-step])
            pairs.append(order[equal] * len(sketches) + order[equal + step])
            if not equal.size:
                break
        yield np.concatenate(pairs)


@dataclass(frozen=True)
class _ComparedText:
    """A title and a body, with the features that are compared; each is computed once."""

    title: str
    body: str
    shingler: Shingler

    @cached_property
    def shingles(self) -> Hashes:
        """The distinct shingles of the body."""
        return self.shingler.shingles(self.body)

    @cached_property
    def bare_title(self) -> str:
        """The compared characters of the title, without a prefix such as 【通知】."""
        return _without_prefix(self.title, self.shingler)

    @cached_property
    def plain_body(self) -> str:
        """The compared characters of the body, without a copy of the title."""
        text = self.shingler.plain(self.body)
        at = text.find(self.bare_title, 0, len(self.bare_title) + _MAX_TITLE_POSITION)
        return text if at < 0 else text[:at] + "\n" + text[at + len(self.bare_title) :]

    @cached_property
    def title_numbers(self) -> Mapping[str, set[str]]:
        """Numbers in the title, grouped by the word that follows them: years, batches, counts."""
        return _numbers(_TITLE_NUMBERS.finditer(self.title))

    @cached_property
    def body_marks(self) -> tuple[set[tuple[str, ...]], ...]:
        """The values of each pattern of _BODY_MARKS in the body: years, batches and days."""
        return tuple(
            {tuple(_decimal(part) for part in match.groups()) for match in pattern.finditer(self.body)}
            for _, pattern in _BODY_MARKS
        )

    @cached_property
    def own_number(self) -> tuple[str, ...] | None:
        """Year and number of the notice itself, without the agency's short name, which has several spellings."""
        match = _OWN_NUMBER.match(self.body)
        return match.groups() if match else None


def _is_same_notice(one: _ComparedText, other: _ComparedText) -> bool:
    """True if two similar texts are one notice, not two notices of one template.

    A renamed notice is the same if its own number, year and batch are unchanged.
    """
    for kind in one.title_numbers.keys() & other.title_numbers.keys():
        if _are_replaced(one.title_numbers[kind], other.title_numbers[kind]):
            return False
    for (least, _), some, others in zip(_BODY_MARKS, one.body_marks, other.body_marks, strict=True):
        if _are_replaced(some, others, least):
            return False
    if one.own_number and other.own_number:
        return one.own_number == other.own_number
    return one.bare_title == other.bare_title or not _names_another(one, other)


def _names_another(one: _ComparedText, other: _ComparedText) -> bool:
    """True if each title has words that occur in its own text only: the titles name different projects."""
    some, others = _names(one.bare_title), _names(other.bare_title)
    return _has_own(some - others, one, other) and _has_own(others - some, other, one)


def _has_own(names: Iterable[str], one: _ComparedText, other: _ComparedText) -> bool:
    return any(name in one.plain_body and name not in other.plain_body for name in names)


def _names(title: str) -> set[str]:
    return {title[at : at + _NAME_CHARS] for at in range(len(title) - _NAME_CHARS + 1)}


def _are_replaced(some: set[Any], others: set[Any], least: int = 1) -> bool:
    """True if at least `least` elements are unique to each set; elements unique to one set only were added."""
    return min(len(some - others), len(others - some)) >= least


def _numbers(matches: Iterable[re.Match[str]]) -> Mapping[str, set[str]]:
    found = defaultdict(set)
    for match in matches:
        found[match[2] or match[4] or ""].add(_decimal(match[1] or match[3]))
    return found


def _decimal(numeral: str) -> str:
    """十二 as 12; anything else unchanged."""
    value = numeral_value(numeral)
    return numeral if value is None else str(value)


def _without_prefix(title: str, shingler: Shingler) -> str:
    """The compared characters of a title without a prefix such as 【通知】."""
    match = _PREFIX.match(title)
    return (shingler.plain(title[match.end() :]) if match else "") or shingler.plain(title)
