"""Learned words: which strings of texts are words, that the file depends on the documents only, and the command."""

from __future__ import annotations

import functools
import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from unknown_words import articles
from workspace import Workspace

from indexer.analysis.segment import Segmenter
from indexer.analysis.tokens import HAN_RUNS
from indexer.commands.cli import main
from indexer.errors import IndexDamaged
from indexer.learned_words import FILE, LearnedWords, write_words
from indexer.learning import write_learned_words
from indexer.learning.learn import learn_words
from indexer.learning.recurring_strings import Candidate, Texts, candidates
from indexer.postings.reader import PackedIndex
from indexer.postings.string_documents import StringDocuments


@functools.cache
def segmenter() -> Segmenter:
    """One for all tests of this file, because it loads jieba's dictionary."""
    return Segmenter()


def learned_from(*texts: str) -> list[str]:
    """The words learned from these texts."""
    return learn_words(texts, segmenter())


def texts_with(*words: str) -> list[str]:
    """The texts of articles with these words."""
    return [article["content"] for article in articles(words)]


@pytest.mark.parametrize(
    "word",
    [
        pytest.param("衔枢", id="two-unknown-characters"),
        pytest.param("潮枢链", id="three"),
        pytest.param("元宇宙", id="a-measure-word-inside"),
        pytest.param("鹮眼算子", id="known-parts-too"),
        pytest.param("量子罗盘", id="two-known-words"),
        pytest.param("非侵入式脑机接口", id="eight-characters"),
    ],
)
def test_words_are_learned(word: str) -> None:
    """A string that the dictionary cuts, and that stands between many words, is learned, and no part of it."""
    assert learned_from(*texts_with(word)) == [word]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("海洋", id="a-word-of-the-dictionary"),
        pytest.param("衔枢的", id="ends-with-a-particle"),
        pytest.param("请衔枢", id="begins-with-a-linking-verb"),
        pytest.param("第三衔枢", id="a-number"),
        pytest.param("取得重大突破", id="a-verb-and-its-object"),
        pytest.param("衔枢，罗盘", id="across-a-comma"),
    ],
)
def test_phrases_are_not_learned(text: str) -> None:
    """Dictionary words, free phrases and what crosses a sign are not learned."""
    assert text not in learned_from(*texts_with(text))


def test_parts_of_words_are_not_learned() -> None:
    """A string that only stands inside a word of the dictionary is none, whatever stands beside that word."""
    texts = [text for word in ("东海舰队", "南海舰队", "北海舰队", "黄海舰队", "渤海舰队") for text in texts_with(word)]
    assert "海舰队" not in learned_from(*texts)


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        pytest.param(texts_with("衔枢")[:3], "three occurrences", id="too-seldom"),
        pytest.param(["".join(texts_with("衔枢"))], "one text", id="in-one-text"),
        pytest.param([f"桥梁衔枢公园，{text}" for text in texts_with()], "always the same words beside it", id="bound"),
    ],
)
def test_rare_and_bound_strings_are_not_learned(texts: list[str], why: str) -> None:
    """A string is not learned from three occurrences, from one text, or if it never stands between other words."""
    assert "衔枢" not in learned_from(*texts), why


def test_nothing_is_learned_from_nothing() -> None:
    """No text, empty texts, and texts without Han characters have no words."""
    assert learned_from() == learned_from("", "") == learned_from("tidal wave", "½ 潮", "\ud800") == []


def _expected(texts: Sequence[str], longest: int, least: int) -> dict[str, tuple[int, float, float]]:
    """Occurrences, cohesion and freedom of each recurring string, by counting all strings."""
    counts: Counter[str] = Counter()
    beside: dict[str, list[list[str]]] = defaultdict(lambda: [[], []])
    for text in texts:
        for run in HAN_RUNS.finditer(text):
            for start in range(run.start(), run.end()):
                for end in range(start + 1, min(run.end(), start + longest) + 1):
                    counts[text[start:end]] += 1
                    beside[text[start:end]][0].append(text[start - 1] if start > run.start() else "")
                    beside[text[start:end]][1].append(text[end] if end < run.end() else "")
    total = sum(count for string, count in counts.items() if len(string) == 1)
    found = {}
    for string, count in counts.items():
        if len(string) > 1 and count >= least:
            parts = [(counts[string[:at]], counts[string[at:]]) for at in range(1, len(string))]
            weakest = min(math.log2(count * total / (left * right)) for left, right in parts)
            freedom = min(map(_entropy, beside[string]))
            found[string] = count, weakest / math.log2(total / count + 1), freedom
    return found


def _entropy(characters: Sequence[str]) -> float:
    """The entropy in bits, each empty string being another character."""
    every = len(characters)
    counts = Counter(character or number for number, character in enumerate(characters))
    return sum(count / every * math.log2(every / count) for count in counts.values())


def _found(texts: Sequence[str], longest: int, least: int) -> Iterator[Candidate]:
    limits = {"least_texts": 1, "least_cohesion": -9.0, "least_freedom": -1.0}
    return candidates(Texts.of(texts), longest=longest, least_count=least, **limits)  # type: ignore[arg-type]


@settings(deadline=None, derandomize=True, max_examples=200)
@given(st.lists(st.text(st.sampled_from("潮枢链，a"), max_size=30), max_size=6), st.integers(2, 5), st.integers(1, 4))
def test_measures_are_those_of_a_plain_count(texts: list[str], longest: int, least: int) -> None:
    """Occurrences, cohesion and freedom of all recurring strings equal those of a count in plain Python."""
    found = list(_found(texts, longest, least))
    expected = _expected(texts, longest, least)
    assert {one.text: len(one.positions) for one in found} == {text: count for text, (count, _, _) in expected.items()}
    for one in found:
        _, cohesion, freedom = expected[one.text]
        assert one.cohesion == pytest.approx(cohesion)
        assert one.freedom == pytest.approx(freedom)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """An index of twelve articles with two words that the dictionary lacks."""
    made = Workspace(tmp_path)
    made.build(articles(["潮枢链", "衔枢罗盘"]))
    return made


def words_of(workspace: Workspace) -> list[str]:
    """The learned words of the current generation."""
    with closing(LearnedWords(workspace.generation)) as words:
        return words.all()


def test_a_generation_has_its_words(workspace: Workspace) -> None:
    """The words are looked up by their first character; without one there is none."""
    with closing(LearnedWords(workspace.generation)) as words:
        assert words.all() == ["潮枢链", "衔枢罗盘"]
        assert [words.beginning_with(character) for character in "潮衔枢\ud800"] == [["潮枢链"], ["衔枢罗盘"], [], []]


@pytest.mark.parametrize("words", [pytest.param([], id="none"), pytest.param(["甲乙", "甲乙丙", "丁戊"], id="some")])
def test_the_file_gives_back_its_words(words: list[str], tmp_path: Path) -> None:
    """What is written is read, also if there is no word."""
    write_words(tmp_path, sorted(words), 1, 2)
    with closing(LearnedWords(tmp_path)) as found:
        assert (found.all(), found.version, found.last_id) == (sorted(words), 1, 2)
        assert found.beginning_with("甲") == [word for word in sorted(words) if word.startswith("甲")]


@pytest.mark.parametrize("content", [pytest.param(b"", id="empty"), pytest.param(b"\x01\x00", id="cut-short")])
def test_a_damaged_file_is_damage(content: bytes, tmp_path: Path) -> None:
    """A file without its header is damage of the index; so is one that is missing."""
    with pytest.raises(IndexDamaged):
        LearnedWords(tmp_path)
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(IndexDamaged):
        LearnedWords(tmp_path)


def test_words_do_not_depend_on_history(tmp_path: Path) -> None:
    """After articles were added, changed and removed, the file equals that of a fresh build, byte for byte."""
    kept, later = Workspace(tmp_path), articles(["鹮眼算子"], seed="二")
    first = articles(["潮枢链", "衔枢罗盘"])
    steps = (first, [*first, *later], [*first[4:], *later], [*first[10:], *later[:2]], later)
    seen = []
    for number, step in enumerate(steps):
        kept.build(step)
        (tmp_path / str(number)).mkdir()
        fresh = Workspace(tmp_path / str(number))
        fresh.build(step)
        assert (kept.generation / FILE).read_bytes() == (fresh.generation / FILE).read_bytes()
        seen.append(words_of(kept))
    both = ["潮枢链", "衔枢罗盘"]
    assert seen == [both, [*both, "鹮眼算子"], [*both, "鹮眼算子"], [], ["鹮眼算子"]]


def test_a_sample_is_looked_at(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a large collection the documents with the lowest ids are looked at; the others change nothing."""
    monkeypatch.setattr(write_learned_words, "SAMPLE_CHARACTERS", 700)
    every = articles(["潮枢链", "衔枢罗盘"], 60)
    workspace.build(every, is_rebuild=True)
    with closing(LearnedWords(workspace.generation)) as words:
        last_id = words.last_id
    with closing(PackedIndex(workspace.generation)) as index:
        ids = sorted(index.columns["ids"])
    assert words_of_sample(last_id, ids) in range(8, 30)
    before = (workspace.generation / FILE).stat().st_ino
    changed = [number for number, article in enumerate(every) if _id_of(workspace, article["aid"]) > last_id]
    workspace.build([article for number, article in enumerate(every) if number not in changed[:3]])
    assert (workspace.generation / FILE).stat().st_ino == before  # linked, not learned again
    unchanged = [number for number in range(len(every)) if number not in changed]
    workspace.build([article for number, article in enumerate(every) if number != unchanged[0]])
    assert (workspace.generation / FILE).stat().st_ino != before


def words_of_sample(last_id: int, ids: Sequence[int]) -> int:
    """How many documents are up to the last one looked at."""
    return ids.index(last_id) + 1


def _id_of(workspace: Workspace, source_id: str) -> int:
    """The id of a document, as a number, by the id that its source gives it."""
    from searcher.service import Searcher

    searcher = Searcher(workspace.index, workspace.settings)
    engine = searcher._generation().engine
    id = engine.head(engine.with_source_id(source_id)[0]).id
    searcher.close()
    return int(id, 16)


def test_documents_of_strings(tmp_path: Path) -> None:
    """The documents found by gram lists are those whose texts contain the string, also in several segments."""
    workspace = Workspace(tmp_path)
    every = articles(["潮枢链"], 20)
    workspace.build(every)
    every[3]["content"] = "潮枢 链。潮枢潮枢链。"
    every[4]["title"] = "潮枢链在题目里"
    workspace.build([*every[1:], *articles(["衔枢"], 3, seed="二")])
    with closing(PackedIndex(workspace.generation)) as index:
        assert index.columns.live is not None
        strings = StringDocuments(index)
        assert {len(strings.of("潮枢链", field)) for field in ("title", "body")} == {1, 19}
        assert len(strings.of("衔枢", "body")) == 3
        assert len(strings.of("枢链潮", "body")) == len(strings.of("龘龘", "body")) == 0
        assert len(strings.of("第0篇", "title")) == 1


def run(*arguments: object) -> Result:
    """Run the command `search-index words`."""
    return CliRunner().invoke(main, ["words", *map(str, arguments)])


def test_words_are_listed(workspace: Workspace) -> None:
    """The command lists each word with its number of documents and an example, those of most documents first."""
    workspace.build([*articles(["潮枢链", "衔枢罗盘"]), *articles(["潮枢链"], 2, seed="二")])
    result = run("--index", workspace.index)
    lines = result.stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [["14", "潮枢链"], ["12", "衔枢罗盘"]]
    assert all(line.split()[1] in line.split()[2] for line in lines)
    assert result.stderr == "search-index: 2 words listed of 2 that the index has learned\n"
    assert len(run("--index", workspace.index, "--limit", 1).stdout.splitlines()) == 1


def test_words_as_json(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--json` prints one object with the words, their counts and examples, and what the user says of them."""
    dictionary = tmp_path / "words.txt"
    dictionary.write_text("潮枢链\n-衔枢罗盘\n", "utf-8")
    monkeypatch.setenv("KESOU_USER_DICTIONARY", str(dictionary))
    content = json.loads(run("--index", workspace.index, "--json", "--all").stdout)
    assert content["learned"] == 2
    keys = ["word", "documents", "recent", "before", "rise", "example", "example_id", "verdict"]
    assert [list(word) for word in content["words"]] == [keys, keys]
    assert [(word["word"], word["verdict"]) for word in content["words"]] == [
        ("潮枢链", "accepted"),
        ("衔枢罗盘", "rejected"),
    ]


def test_rising_words_are_listed(tmp_path: Path) -> None:
    """Words of the last three months come before those that were as frequent before, which are left out."""
    workspace = Workspace(tmp_path)
    new = [{**article, "date": "2025-12-15"} for article in articles(["鹮眼算子"], seed="二")]
    workspace.build([*articles(["潮枢链"], 36), *new])
    result = run("--index", workspace.index, "--rising")
    assert [line.split()[:4] for line in result.stdout.splitlines()] == [["12", "after", "0", "鹮眼算子"]]


def test_words_are_accepted_and_rejected(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--accept` and `--reject` write the user dictionary; other lines stay, and the last word counts."""
    dictionary = tmp_path / "words.txt"
    dictionary.write_text("# 我的词\n浪能站 12 n\n-潮枢链  # 不是词\n", "utf-8")
    monkeypatch.setenv("KESOU_USER_DICTIONARY", str(dictionary))
    result = run("--accept", "潮枢链", "--accept", "碳中和", "--reject", "浪能站")
    assert (result.exit_code, result.stdout) == (0, f"{dictionary}: 2 accepted, 1 rejected\n")
    assert dictionary.read_text("utf-8") == "# 我的词\n潮枢链\n碳中和\n-浪能站\n"
    dictionary.unlink()
    assert run("--reject", "潮枢链").exit_code == 0
    assert dictionary.read_text("utf-8") == "-潮枢链\n"


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        pytest.param(["--accept", "潮枢链"], 64, "user_dictionary is not set", id="no-dictionary"),
        pytest.param(["--accept", "两 词"], 64, "a word consists of", id="no-word"),
        pytest.param(["--accept", "潮枢链", "--reject", "潮枢链"], 64, "either accepted or rejected", id="both"),
        pytest.param(["--index", "missing"], 2, "there is no index", id="no-index"),
        pytest.param(["--limit", "-1"], 64, "--limit", id="wrong-option"),
    ],
)
def test_errors_of_the_command(
    arguments: list[str], status: int, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be done ends with one line and the exit status of its kind."""
    if message != "user_dictionary is not set":
        monkeypatch.setenv("KESOU_USER_DICTIONARY", str(tmp_path / "words.txt"))
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == status
    assert message in result.stderr
