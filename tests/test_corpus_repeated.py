"""Of several records of one article one is kept, and nothing that the others say is lost."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from corpus.document import SourceFormat
from corpus.drafts import Draft
from corpus.ledger import missing_lines
from corpus.repeated import Repeated, resolve


def draft(body: str, source_format: SourceFormat = "article") -> Draft:
    """A record of the article 7."""
    return Draft("7", "7", "题", "", None, "", body, source_format, ())


def test_a_record_that_says_much_more_is_kept() -> None:
    """Records that were told of one that was replaced are told of the one that replaced it."""
    found = resolve([("a", draft("短。")), ("b", draft("短。")), ("c", draft("这一篇长得多。"))])
    assert list(found.kept) == [2]
    assert found.repeated == {0: Repeated(2, True), 1: Repeated(2, False)}
    assert [text for _, text in found.kept[2].set_aside] == ["短。"]


def test_files_of_one_name_that_differ_are_all_kept() -> None:
    """However many files have one name, in several sources, each that says other things is a document."""
    bodies = ["港口的潮汐。", "山区的雨量。", "平原的收成。", "海上的风浪。"]
    found = resolve([("通知.txt", draft(body, "text")) for body in bodies])
    assert [kept.body for kept in found.kept.values()] == bodies
    assert len({kept.id for kept in found.kept.values()}) == len(bodies)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.lists(st.sampled_from("甲乙丙丁戊己"), max_size=4)), max_size=5))
def test_nothing_that_a_record_says_is_lost(records: list[tuple[str, list[str]]]) -> None:
    """Each record is kept or repeats one that is, and its lines are in what is kept."""
    formats: tuple[SourceFormat, ...] = ("article", "text")
    for source_format in formats:
        drafts = [
            (file, draft("\n".join(f"{line}是一行。" for line in lines), source_format)) for file, lines in records
        ]
        found = resolve(drafts)
        assert sorted([*found.kept, *found.repeated]) == list(range(len(drafts)))
        held = list(
            itertools.chain.from_iterable(
                (kept.body, *(text for _, text in kept.set_aside)) for kept in found.kept.values()
            )
        )
        for _, one in drafts:
            assert missing_lines(one.body, held) == []
        assert all(end.kept in found.kept for end in found.repeated.values())
