"""Finds quotations inside sentences (什么是“某某”？): they are words of the sentence and not strings set apart.

A quoted string that touches a word, with no blank between, is a quotation. The rest of its sentence is asked for only
as far as it has a subject of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from indexer.analysis.normalise import normalise
from searcher.query.lexer import Lexeme
from searcher.query.stop_words import is_empty


def without_quotations(lexemes: Sequence[Lexeme]) -> list[Lexeme]:
    """The lexemes with words for each quotation; quoted strings that touch no word, or touch a minus or field, stay."""
    return [lexeme for touching in _touching(lexemes) for lexeme in _words(touching)]


def _touching(lexemes: Sequence[Lexeme]) -> Iterator[list[Lexeme]]:
    """The lexemes in groups of those with no blank between."""
    group: list[Lexeme] = []
    for lexeme in lexemes:
        if group and group[-1].end != lexeme.start:
            yield group
            group = []
        group.append(lexeme)
    if group:
        yield group


def _words(touching: list[Lexeme]) -> list[Lexeme]:
    kinds = [lexeme.kind for lexeme in touching]
    is_sentence = set(kinds) == {"word", "quoted"}
    quoted = [lexeme for lexeme in touching if lexeme.kind == "quoted" and normalise(lexeme.text)]
    if not (is_sentence and quoted):
        return touching
    found: list[Lexeme] = []
    for lexeme in touching:
        if lexeme.kind == "quoted":
            start = lexeme.start + 1
            pieces = [(piece[0], *piece.span()) for piece in re.finditer(r"\S+", lexeme.text)]
            found += [Lexeme("word", piece, start + begin, start + end) for piece, begin, end in pieces]
        elif not is_empty(normalise(lexeme.text)):
            found.append(lexeme)
    return found
