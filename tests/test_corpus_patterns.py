"""Patterns of rule files: unsafe ones are refused, and optimised ones match the same texts."""

from __future__ import annotations

import re
import time
import tomllib

import pytest

from corpus.taxonomy.patterns import compile_bounded
from corpus.taxonomy.rule_file import PACKAGED_TAXONOMY


@pytest.mark.parametrize(
    ("pattern", "fault"),
    [
        pytest.param("种.*业", "repeat at most 99 times", id="star"),
        pytest.param("种.{3,}业", "repeat at most 99 times", id="open-end"),
        pytest.param("种.{0,100}业", "repeat at most 99 times", id="just-above-99"),
        pytest.param("(种业){2}", "repeat no group", id="repeated-group"),
        pytest.param("种.{0,40}[^，]{0,40}业", "side by side", id="adjacent-gaps"),
        pytest.param("种(.{0,60}业|农).{0,60}机.{0,60}械", "more than 50,000 ways", id="gaps-of-a-group-count"),
        pytest.param("种(业", "no regular expression: missing )", id="open-group"),
        pytest.param("种业)", "no regular expression: unbalanced parenthesis", id="closed-only"),
        pytest.param("种[业", "no regular expression: unterminated character set", id="open-class"),
        pytest.param("种?", "empty text", id="empty"),
        pytest.param("种|", "empty text", id="empty-alternative"),
    ],
)
def test_refused(pattern: str, fault: str) -> None:
    """A pattern that is invalid or could take too long is refused by a message that says what to do."""
    with pytest.raises(ValueError, match=re.escape(fault)):
        compile_bounded(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param("种.{0,99}业.{0,99}机", id="two-full-gaps"),
        pytest.param("(种|农).{0,36}业.{0,36}(机.{0,36}械|具)", id="three-gaps"),
    ],
)
def test_just_below_the_limits(pattern: str) -> None:
    """The widest gaps that are allowed take seconds at most on a text made for the worst case."""
    lines = "\n".join(["种业" * 200] * 100)
    started = time.process_time()
    assert compile_bounded(pattern).search(lines) is None
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        pytest.param("(种|农)业", "农业种业", ["农业", "种业"], id="group-first"),
        pytest.param("(种|农)?业", "农业，业", ["农业", "业"], id="optional-group"),
        pytest.param("((种|农)业|林)(场|区)", "林区农业场", ["林区", "农业场"], id="group-in-group"),
        pytest.param("(种|种业)场|业", "种业场", ["种业场"], id="order-of-alternatives"),
        pytest.param("[(|)]种|(农|林)业", "(种|种林业", ["(种", "|种", "林业"], id="signs-in-a-class"),
        pytest.param(r"\(种\)|(农)业", "(种)农业", ["(种)", "农业"], id="escaped-signs"),
        pytest.param("(?:种|农)业(?!机)|(?<!老)林", "农业机种业老林林", ["种业", "林"], id="looks"),
        pytest.param("种[^业]{0,9}机", "种\n机种子机", ["种子机"], id="no-match-over-lines"),
        pytest.param("^种业|机$", "种业\n农机\n种业机械", ["种业", "机", "种业"], id="lines-begin-and-end"),
    ],
)
def test_finds(pattern: str, text: str, found: list[str]) -> None:
    """A pattern with groups matches what the plain expression matches."""
    assert [match.group() for match in compile_bounded(pattern).finditer(text)] == found


def test_packaged_patterns_find_what_they_say() -> None:
    """Every packaged pattern matches in the rule file exactly what the plain expression matches."""
    text = PACKAGED_TAXONOMY.read_text("utf-8")
    words = text + text.replace("|", "")
    table = tomllib.loads(text)
    for entry in (*table["type"], *table["genre"]):
        for trigger in entry.get("trigger", []):
            plain = re.compile(trigger["pattern"].replace("[^", "[^\\n"), re.MULTILINE)
            spans = [match.span() for match in compile_bounded(trigger["pattern"]).finditer(words)]
            assert spans == [match.span() for match in plain.finditer(words)], trigger["pattern"]
