"""Prepares texts, words and values for OpenSearch fields, the same way for documents and queries.

A character stands wherever a run of letters or digits begins or ends, so that the phrase 6g cannot match in 26ghz.
Lone surrogates, which UTF-8 cannot have, are sent as private characters. Words and values that are longer than Lucene's
limits are shortened, with a hash that keeps them apart.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from corpus.chinese import HAN
from indexer.analysis.tokens import RUN_BOUNDARY, run_class

#: Lucene's whitespace tokenizer splits tokens of more than 255 UTF-16 units; a character has up to two.
_MAX_WORD_CHARACTERS: Final = 100
#: Lucene rejects values of more than 32,766 bytes; a character has up to four.
_MAX_VALUE_CHARACTERS: Final = 8_000
_KEPT_CHARACTERS: Final = 60
_HASH_BYTES: Final = 8
#: No word has it.
_BEFORE_HASH: Final = "_"

_FIRST_SURROGATE: Final = 0xD800
#: Where surrogates are moved to: the last private characters, which few texts have.
_FIRST_PRIVATE: Final = 0x10F000
#: Stands before a character of a text that is one of these, or this one itself.
_ESCAPE: Final = "\U0010f800"
_TO_ENCODE: Final = "[\ud800-\udfff]|[\U0010f000-\U0010f800]"
_TO_DECODE: Final = f"{_ESCAPE}([\U0010f000-{_ESCAPE}])|[\U0010f000-\U0010f7ff]"


def encoded(text: str) -> str:
    """The text without lone surrogates; other texts are encoded otherwise."""
    return re.sub(_TO_ENCODE, _encoded, text)


def decoded(text: str) -> str:
    """The text that was encoded."""
    return re.sub(_TO_DECODE, _decoded, text)


def prepared_text(normal: str) -> str:
    """A normal form with boundaries of runs, at its ends too."""
    marked = _runs().sub(rf"{RUN_BOUNDARY}\g<0>{RUN_BOUNDARY}", encoded(normal))
    return marked.replace(RUN_BOUNDARY * 2, RUN_BOUNDARY)


def prepared_string(normal: str, starts_whole: bool, ends_whole: bool) -> str:
    """What a prepared text contains where its normal form contains a string.

    `starts_whole` and `ends_whole` (both true for an unquoted term) require that the string does not begin or end
    inside a run.
    """
    text = prepared_text(normal)
    if not starts_whole and run_class(normal[:1]):
        text = text[1:]
    return text[:-1] if not ends_whole and run_class(normal[-1:]) else text


def plain_text(prepared: str) -> str:
    """The normal form that was prepared."""
    return decoded(prepared.replace(RUN_BOUNDARY, ""))


def prepared_word(word: str) -> str:
    """A word, shortened if it is too long to be a token."""
    return word if len(word) <= _MAX_WORD_CHARACTERS else _shortened(word)


def prepared_value(value: str) -> str:
    """A value of a keyword field, shortened if it is too long to be one."""
    found = encoded(value)
    return found if len(found) <= _MAX_VALUE_CHARACTERS else encoded(_shortened(value))


def _shortened(text: str) -> str:
    from hashlib import blake2b  # deferred: few texts are too long

    digest = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_HASH_BYTES).hexdigest()
    return text[:_KEPT_CHARACTERS] + _BEFORE_HASH + digest


@cache
def _runs() -> re.Pattern[str]:
    """Matches the runs of `run_class`: digits, or letters that are not Han. Cached for the process."""
    return re.compile(rf"\d+|[^\W\d_{HAN}]+")


def _encoded(match: re.Match[str]) -> str:
    code = ord(match[0])
    return _ESCAPE + match[0] if code >= _FIRST_PRIVATE else chr(code - _FIRST_SURROGATE + _FIRST_PRIVATE)


def _decoded(match: re.Match[str]) -> str:
    return match[1] or chr(ord(match[0]) - _FIRST_PRIVATE + _FIRST_SURROGATE)
