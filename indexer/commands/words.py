"""The command `search-index words`: lists the words that the index has learned; accepts and rejects words."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from corpus.errors import SettingsError
from corpus.settings import Settings, load_settings
from indexer.commands.terminal import exit_status_of, one_line_errors, print_message
from indexer.commands.upkeep import INDEX_OPTION, JSON_OPTION, upkeep_of
from indexer.learning.word_list import LearnedWord
from indexer.upkeep.reports import WordsReport
from indexer.user_dictionary import change_words, read_words

_LISTED: Final = 50
#: Words are padded to this many Chinese characters, so that the examples stand below each other.
_WORD_WIDTH: Final = 6
_FULL_WIDTH_BLANK: Final = "\u3000"


@click.command(
    short_help="list the words that the index has learned; accept and reject words",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@INDEX_OPTION
@JSON_OPTION
@click.option("--limit", metavar="N", type=click.IntRange(0), default=_LISTED, help=f"words listed (default {_LISTED})")
@click.option("--all", "lists_all", is_flag=True, help="list all words")
@click.option("--rising", is_flag=True, help="list the words that became frequent in the last three months")
@click.option("--accept", metavar="WORD", multiple=True, help="write a word to the user dictionary; may be repeated")
@click.option("--reject", metavar="WORD", multiple=True, help="write to the user dictionary that this is no word")
def words(
    index: str | None,
    as_json: bool,
    limit: int,
    lists_all: bool,
    rising: bool,
    accept: tuple[str, ...],
    reject: tuple[str, ...],
) -> None:
    """List the words that jieba's dictionary lacks and that the index has learned from its texts, with the number of
    documents and an example of each. Queries are cut into them.

    --accept and --reject write the file that the setting user_dictionary names, and list nothing; the words act at
    once. Exit status: 0 success, 2 there is no index or it cannot be read, 64 an option or setting is wrong.
    """
    with one_line_errors(exit_status_of):
        settings = load_settings({"index": index})
        if accept or reject:
            path = _user_dictionary(settings)
            change_words(path, accept, reject)
            click.echo(f"{path}: {len(accept)} accepted, {len(reject)} rejected")
            return
        report = upkeep_of(settings).words(None if lists_all else limit, is_rising=rising)
        verdicts = _verdicts(settings)
        if as_json:
            listed = [asdict(word) | {"verdict": verdicts.get(word.word)} for word in report.words]
            click.echo(json.dumps({"learned": report.learned, "words": listed}, ensure_ascii=False))
            return
        for word in report.words:
            click.echo(_line(word, verdicts.get(word.word), is_rising=rising))
        print_message(_summary(report, is_rising=rising))


def _user_dictionary(settings: Settings) -> Path:
    if not settings.user_dictionary:
        raise SettingsError("user_dictionary is not set; name a file in kesou.toml or in KESOU_USER_DICTIONARY")
    return Path(settings.user_dictionary).expanduser()


def _verdicts(settings: Settings) -> dict[str, str]:
    """The words that the user has accepted or rejected."""
    if not settings.user_dictionary:
        return {}
    own, rejected = read_words(_user_dictionary(settings))
    return dict.fromkeys(rejected, "rejected") | dict.fromkeys(own, "accepted")


def _line(word: LearnedWord, verdict: str | None, *, is_rising: bool) -> str:
    """One word: documents, the word, its example, and what the user said of it."""
    counts = f"{word.documents:>7,}"
    if is_rising:
        counts = f"{word.recent:>7,} after {word.before:,}"
    padded = word.word.ljust(_WORD_WIDTH, _FULL_WIDTH_BLANK)
    return f"{counts}  {padded}  {word.example}{f'  ({verdict})' if verdict else ''}"


def _summary(report: WordsReport, *, is_rising: bool) -> str:
    kind = "rising words" if is_rising else "words"
    return f"{len(report.words):,} {kind} listed of {report.learned:,} that the index has learned"
