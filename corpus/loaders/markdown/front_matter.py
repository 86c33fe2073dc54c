"""Parses front matter, the YAML, TOML or JSON block at the top of a Markdown file, to fields.

YAML is read by the few lines below and not by a library: front matter is a list of names and values, and what people
write there is often no YAML at all (a title with a colon, which PyYAML rejects with the whole block).
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

_YAML: Final = re.compile(r"\s{0,10}---[ \t]*\n(.{0,50000}?)\n?^(?:---|\.{3})[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_TOML: Final = re.compile(r"\s{0,10}\+{3}[ \t]*\n(.{0,50000}?)\n?^\+{3}[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_OBJECT: Final = re.compile(r"\s{0,10}\{(?=\s{0,100}\")")
_MAX_OBJECT_CHARS: Final = 50_000
#: Hexo needs no line above the first name.
_OPEN: Final = re.compile(
    r"((?:title|date|tags|categories|author|layout)[ \t]*:[^\n]*\n"
    r"(?:(?:[\w-][\w -]{0,39}:|[ \t]|- )[^\n]*\n){0,60})-{3,}[ \t]*(?:\n|\Z)"
)
_ENTRY: Final = re.compile(r"([^\s:=#\"'{}\[\],][^:=\n]{0,60}?|\"[^\"\n]{1,60}\")[ \t]*[:=](?:[ \t]+(.*)|$)")
_COMMENT: Final = re.compile(r"(?:^|[ \t])#.*$")
_WIKI_LINK: Final = re.compile(r"\[\[(?:[^\[\]|]*\|)?([^\[\]|]+)\]\]")
_LINK: Final = re.compile(r"^https?://[^\s<>\"']+", re.IGNORECASE)
_NAMED: Final = re.compile(r"name[ \t]*[:=][ \t]*(.+)", re.IGNORECASE)

_TITLES: Final = ("title", "标题", "文章标题", "name")
_DAYS: Final = (
    *("published", "publishdate", "publishedat", "publishtime", "publisheddate", "pubdate", "datepublished"),
    *("date", "发布时间", "发布日期", "日期", "时间", "posted"),
)
#: The day on which a clipper saved the page; the day of a note that has no source.
_CREATED: Final = ("created", "createdat", "createtime", "datecreated", "创建时间", "创建日期")
_ACCOUNTS: Final = (
    *("account", "accountname", "公众号", "公众号名称", "nickname", "mpname"),
    *("author", "authors", "作者", "byline", "creator"),
)
_LINKS: Final = (
    *("url", "source", "link", "originalurl", "sourceurl", "canonical", "canonicalurl", "permalink"),
    *("原文链接", "链接", "来源", "original"),
)
#: `|`, `>-` or `|2+` before the lines of a block.
_MAX_BLOCK_MARK: Final = 3
#: What a day must have; the formats are known to `corpus.publication_date`.
_YEAR: Final = re.compile(r"\d{4}")
_ANYTHING: Final = re.compile(r"\S")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """The fields that a block names, and its other values; `end` is where the text begins."""

    title: str = ""
    date: str = ""
    account: str = ""
    url: str = ""
    others: tuple[str, ...] = ()
    end: int = 0


def read_front_matter(text: str) -> FrontMatter:
    """The block that a text begins with; empty where it begins with a text."""
    toml = _TOML.match(text)
    if toml is not None:
        return _fields(_toml(toml[1]), toml.end())
    found = _json(text)
    if found is not None:
        return _fields(*found)
    yaml = _YAML.match(text) or _OPEN.match(text)
    if yaml is None:
        return FrontMatter()
    values = _yaml(yaml[1])
    return _fields(values, yaml.end()) if values or not yaml[1].strip() else FrontMatter()


def _fields(values: Mapping[str, list[str]], end: int) -> FrontMatter:
    keys = {re.sub(r"[\s_-]", "", key).lower(): key for key, found in values.items() if found}

    def named(names: tuple[str, ...], pattern: re.Pattern[str]) -> str:
        """The key of the first of some names whose value has a pattern."""
        return next((keys[name] for name in names if name in keys and pattern.search(values[keys[name]][0])), "")

    url = named(_LINKS, _LINK)
    day = named(_DAYS if url else (*_DAYS, *_CREATED), _YEAR)
    title, account = named(_TITLES, _ANYTHING), named(_ACCOUNTS, _ANYTHING)
    used = (title, day, url, account)
    return FrontMatter(
        title=values[title][0] if title else "",
        date=values[day][0] if day else "",
        account=_name(values[account]) if account else "",
        url=values[url][0] if url else "",
        others=tuple(f"{key}: {', '.join(found)}" for key, found in values.items() if key not in used or found[1:]),
        end=end,
    )


def _name(values: list[str]) -> str:
    """Who an author is: a name, a link to the author's note, or the name among other parts."""
    named = next((match[1] for value in values if (match := _NAMED.match(value))), values[0])
    return _plain(_WIKI_LINK.sub(r"\1", named))


def _toml(block: str) -> Mapping[str, list[str]]:
    try:
        return {key: list(_leaves(value)) for key, value in tomllib.loads(block).items()}
    except (tomllib.TOMLDecodeError, RecursionError):
        return _yaml(block)


def _json(text: str) -> tuple[Mapping[str, list[str]], int] | None:
    """The names and values of the object above a text, as Hugo reads it, and its end; None without one."""
    start = _OBJECT.match(text)
    if start is None:
        return None
    try:
        block, end = json.JSONDecoder().raw_decode(text[:_MAX_OBJECT_CHARS], start.end() - 1)
    except (ValueError, RecursionError):
        return None
    return {key: list(_leaves(value)) for key, value in block.items()}, end


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)
    else:
        yield str(value)


def _yaml(block: str) -> Mapping[str, list[str]]:
    """Name → values of the entries at the margin; of a list its items, of a block its lines."""
    values: dict[str, list[str]] = {}
    found: list[str] = []
    is_block = False
    for line in block.split("\n"):
        item = line.strip()
        entry = None if line[:1].isspace() or item.startswith("- ") else _ENTRY.match(line)
        if entry is not None:
            written = (entry[2] or "").strip()
            is_block = written[:1] in ("|", ">") and len(written) <= _MAX_BLOCK_MARK
            found = values.setdefault(_plain(entry[1]), [])
            found += [] if is_block else _values(written)
        elif item and (is_block or not item.startswith("#")):
            if found and not item.startswith("- "):
                found[-1] += f"\n{item}"
            else:
                found += [item] if is_block else _values(item.removeprefix("-").strip())
    return values


def _values(written: str) -> list[str]:
    """The values on a line: one, or those of a list in brackets."""
    if written[:1] == "[" and not written.startswith("[["):
        inner = _COMMENT.sub("", written).strip()[1:].removesuffix("]")
        return [value for part in re.findall(r"\s*(\"[^\"]*\"|'[^']*'|[^,]+)", inner) if (value := _plain(part))]
    value = _plain(written)
    return [value] if value else []


def _plain(written: str) -> str:
    """A value without its quotes, or without the comment behind it."""
    written = written.strip()
    quote = written[:1]
    if quote in ("'", '"'):
        end = written.find(quote, 1)
        while end > 0 and (written[end - 1] == "\\" if quote == '"' else written[end + 1 : end + 2] == quote):
            end = written.find(quote, end + (1 if quote == '"' else 2))
        if end > 0:
            inner = written[1:end]
            return (re.sub(r"\\([\"\\/])", r"\1", inner) if quote == '"' else inner.replace("''", "'")).strip()
    return _COMMENT.sub("", written).strip() if quote != "#" else ""
