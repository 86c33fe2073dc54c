"""Makes records of the entries of JSON exports, tables and feeds, under whatever names these give to their fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from corpus.chinese import HAN
from corpus.document import SetAside
from corpus.loaders.field_names import known_name, names_a_day
from corpus.loaders.markdown.markdown_file import field_text
from corpus.loaders.page.fragment import html_to_text
from corpus.loaders.raw_record import Item, LoadIssue, RawRecord
from corpus.loaders.text import without_bold_marks
from corpus.publication_date import parse_day

#: In a feed the author is the account; in an export it is the person who wrote the article.
_FEED_AUTHORS: Final = ("author", "authors")
_WECHAT: Final = "https://mp.weixin.qq.com/s?__biz={}&mid={}&idx={}"
_WECHAT_NUMBERS: Final = (("biz", "__biz"), ("mid", "appmsgid"), ("idx", "itemidx"))
_NO_TEXT: Final = ("summary_only", "no text; its summary is used instead")
_UNNAMED_TEXT: Final = ("unnamed_text", "no key or column is known as its text; {!r} is used")
#: Where programs put a value that is an object: WordPress, MongoDB, XML converters.
_VALUE_KEYS: Final = ("rendered", "$date", "$numberLong", "$oid", "#text", "_text", "$t", "#cdata-section", "__cdata")
#: Objects inside objects that may hold the fields of an entry, as Elasticsearch and GraphQL write them.
_MAX_WRAPPERS: Final = 3
#: A text under an unknown name is that of the article from this length on.
_MIN_TEXT_CHARS: Final = 60
#: What readers read: Chinese, or several words.
_HAN: Final = re.compile(f"[{HAN}]")
_WORDS: Final = re.compile(r"[^\W\d_]{2,}[ ,.;:]+[^\W\d_]{2,}")
#: What programs write for a value that is missing; a title or a text may consist of such a word.
_NEVER_WORDS: Final = ("source_id", "url", "date", "account")
_MISSING: Final = ("", "nan", "nat", "none", "null", "undefined", "\\n")
_ADDRESS: Final = re.compile(r"\s*(?:[a-z][a-z0-9+.-]{1,20}:)?//\S+\s*", re.IGNORECASE)


def record_of(
    number: int,
    entry: Mapping[str, Any],
    stem: str = "",
    *,
    repeated_keys: tuple[str, ...] = (),
    notices: tuple[tuple[str, str], ...] = (),
    feed: str | None = None,
    account: str = "",
) -> Item:
    """The record of an exporter's entry, or the issue of an entry without title and text.

    `feed` is the name of the entry's feed, None for an entry of an export. `account` is used if the entry names none.
    """
    entry, found, others = _unwrapped(entry)
    if not ("text" in found or "html" in found) and (key := _text_key(others, found)):
        found["text"] = others.pop(key)
        notices += ((_UNNAMED_TEXT[0], _UNNAMED_TEXT[1].format(key[:40])),)
    if not ("title" in found or "text" in found or "html" in found):
        keys = ", ".join(sorted(key[:40] for key in entry)[:8]) or "none"
        message = f"neither title nor text; its keys are: {keys}"
        return LoadIssue(number=number, kind="no_title_no_text", message=message)
    parts = {name: html_to_text(str(found.get(name) or "")) for name in ("text", "html", "summary")}
    filled = {name: text for name, text in parts.items() if text.strip()}
    used = next(iter(filled), "text")
    if used == "summary":
        notices += (_NO_TEXT,)
    if "source_id" not in found or "url" not in found:
        found = {**_wechat_names(entry), **found}
    named = str(found.get("account") or "") or ("" if feed is None else _author(entry) or feed)
    markdown = field_text(parts[used]) if parts[used] == found.get(used) else None  # HTML shows such marks
    return RawRecord(
        number=number,
        source_id=str(found.get("source_id", "")),
        title=without_bold_marks(html_to_text(str(found.get("title") or ""))),
        account=html_to_text(named) or account,
        date=found.get("date"),
        url=str(found.get("url") or ""),
        text=markdown.text if markdown else without_bold_marks(parts[used]),
        source_format="markdown" if markdown and markdown.headings else "article",
        repeated_keys=repeated_keys,
        stem=stem,
        notices=notices,
        set_aside=(
            *(SetAside("other", text) for text in _other_texts(others, tuple(parts.values()))),
            *(markdown.set_aside if markdown else ()),
        ),
        visible="\n".join(filled.values()) if len(filled) > 1 else "",
    )


def is_article(entry: Mapping[str, Any]) -> bool:
    """True if the entry has a text of its own."""
    found, _ = _fields(entry)
    return "text" in found or "html" in found


def is_entry(entry: Mapping[str, Any]) -> bool:
    """True if the entry has a title or a text, if need be inside an object that wraps it."""
    _, found, others = _unwrapped(entry)
    return bool({"title", "text", "html"} & found.keys()) or _text_key(others, found) is not None


def account_of(members: Mapping[str, Any]) -> str:
    """The account, or else the author, that an object around entries names."""
    found, _ = _fields(members)
    return str(found.get("account") or _author(members)).strip()


def is_chinese(text: str) -> bool:
    """True if a text holds a Han character."""
    return bool(_HAN.search(text))


def _unwrapped(entry: Mapping[str, Any]) -> tuple[Mapping[str, Any], dict[str, Any], dict[str, Any]]:
    """The entry with the members of an object inside it that holds its title or text: {"_id": …, "_source": {…}}.

    And its fields and other members.
    """
    for _ in range(_MAX_WRAPPERS):
        found, others = _fields(entry)
        if {"title", "text", "html"} & found.keys():
            return entry, found, others
        inner = [(key, value) for key, value in entry.items() if isinstance(value, dict)]
        inner = [pair for pair in inner if {"title", "text", "html"} & _fields(pair[1])[0].keys()] or inner
        if len(inner) != 1:
            return entry, found, others
        ((wrapper, members),) = inner
        entry = {**{key: value for key, value in entry.items() if key != wrapper}, **members}
    return entry, *_fields(entry)


def _fields(entry: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Field → value with the best name, of values that are neither empty nor an object; and all other members."""
    found: dict[str, Any] = {}
    ranks: dict[str, tuple[bool, int]] = {}
    keys: dict[str, str] = {}
    others: dict[str, Any] = {}
    for key, raw in entry.items():
        value = _plain_value(raw)
        if isinstance(value, dict | list):
            others[key] = value
            continue
        if value is None or value == "":
            continue
        known = known_name(key)
        field, rank = known or (("date", 1000) if names_a_day(key) and parse_day(value) else ("", 0))
        if field in _NEVER_WORDS and str(value)[:12].strip().lower() in _MISSING:
            continue
        order = (field == "date" and parse_day(value) is None, rank)
        if not field or (field == "url" and not isinstance(value, str)):
            others[key] = value
        elif field not in found or order < ranks[field]:
            if field in found:
                others[keys[field]] = found[field]
            found[field], ranks[field], keys[field] = value, order, key
        else:
            others[key] = value
    return found, others


def _plain_value(value: Any) -> Any:
    """The value itself, that of an object that merely wraps it, or the lines of a list of texts."""
    for _ in range(_MAX_WRAPPERS):
        if not isinstance(value, dict):
            break
        key = next((key for key in _VALUE_KEYS if key in value), None)
        if key is None:
            break
        value = value[key]
    if isinstance(value, list) and value:
        if all(isinstance(item, str) for item in value):
            return "\n".join(value)
        if 3 <= len(value) <= 7 and all(type(item) is int for item in value) and 1900 <= value[0] <= 2100:
            return "-".join(map(str, value[:3]))  # a day as Java's programs write it
    return value


def _text_key(others: Mapping[str, Any], found: Mapping[str, Any]) -> str | None:
    """The unknown key with the longest text, if that is long, and longer than the summary; None otherwise."""
    texts = {key: len(value) for key, value in others.items() if isinstance(value, str) and _HAN.search(value)}
    key = max(texts, key=texts.__getitem__, default=None)
    if key is None or texts[key] < max(_MIN_TEXT_CHARS, len(str(found.get("summary") or ""))):
        return None
    return key


def _other_texts(others: Mapping[str, Any], known: tuple[str, ...]) -> Iterator[str]:
    """The texts for readers among members that stand for no field."""
    seen = set(known)
    waiting: list[Any] = list(others.values())[::-1]
    while waiting:
        value = _plain_value(waiting.pop())
        if isinstance(value, dict):
            waiting += list(value.values())[::-1]
        elif isinstance(value, list):
            waiting += reversed(value)
        elif isinstance(value, str) and value not in seen and _is_for_readers(value):
            seen.add(value)
            text = html_to_text(value)
            if text.strip():
                yield text


def _is_for_readers(text: str) -> bool:
    """True if a text holds Chinese or several words, and is no address."""
    return (is_chinese(text) or bool(_WORDS.search(text))) and not _ADDRESS.fullmatch(text)


def _author(entry: Mapping[str, Any]) -> str:
    """The author of a feed's entry, written as a name, an object with a name, or a list of these; empty without one."""
    for key in _FEED_AUTHORS:
        value = entry.get(key)
        value = value[0] if isinstance(value, list) and value else value
        value = value.get("name") if isinstance(value, dict) else value
        if isinstance(value, str) and value.strip():
            return value
    return ""


def _wechat_names(entry: Mapping[str, Any]) -> dict[str, str]:
    """The id and the link of WeChat's own page object, built from its numbers; empty if these are missing."""
    biz, mid, idx = (str(entry.get(name) or entry.get(other) or "") for name, other in _WECHAT_NUMBERS)
    if not (biz and mid.isdecimal() and idx.isdecimal()):
        return {}
    return {"source_id": f"{mid}_{idx}", "url": _WECHAT.format(quote(biz, safe="="), mid, idx)}
