"""Decides what the HTML tags inside Markdown show."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

_TAG: Final = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)([^>]*)>")
_INLINE: Final = re.compile(
    r"a|abbr|acronym|b|bdi|bdo|big|cite|code|data|del|dfn|em|font|i|iframe|img|input|ins|kbd|label|mark|math|meta|nobr"
    r"|noscript|object|picture|q|rb|rp|rt|rtc|ruby|s|samp|script|small|source|span|strike|strong|style|sub|sup|svg|time"
    r"|tt|u|var|video|audio|wbr",
    re.IGNORECASE,
)
_BLOCK: Final = re.compile(
    r"address|article|aside|blockquote|br|button|caption|center|col|colgroup|dd|details|dialog|div|dl|dt|fieldset"
    r"|figcaption|figure|footer|form|h[1-6]|header|hr|li|main|nav|ol|optgroup|option|p|pre|section|select|summary|table"
    r"|tbody|td|textarea|tfoot|th|thead|tr|ul",
    re.IGNORECASE,
)
_ALTERNATIVE: Final = re.compile(r"""\balt\s*=\s*(?:"([^"<>]{1,500})"|'([^'<>]{1,500})')""", re.IGNORECASE)


def closed_names(markups: Iterable[str]) -> frozenset[str]:
    """The names of the tags that are closed."""
    tags = (_TAG.fullmatch(markup) for markup in markups)
    return frozenset(tag[2] for tag in tags if tag and tag[1])


def shown_for(markup: str, closed: frozenset[str]) -> str | None:
    """A line break, or nothing; None for a component, which may show anything.

    `<T>` in a text about types is no tag of HTML and stays. `closed` holds the names that are closed in the paragraph.
    """
    tag = _TAG.fullmatch(markup)
    if tag is None or _INLINE.fullmatch(tag[2]):
        return ""
    if _BLOCK.fullmatch(tag[2]):
        return "\n"
    is_component = tag[1] or tag[2] in closed or tag[3].strip()
    return None if is_component else markup


def alternative_texts(markup: str) -> Iterator[str]:
    """The descriptions of the pictures in a piece of HTML."""
    return (found[1] or found[2] for found in _ALTERNATIVE.finditer(markup))


def components(markup: str) -> Iterator[str]:
    """The tags with attributes that are none of HTML: what `<Badge text="新"/>` shows, only its author knows."""
    for tag in _TAG.finditer(markup):
        if tag[3].strip("/ ") and not _INLINE.fullmatch(tag[2]) and not _BLOCK.fullmatch(tag[2]):
            yield tag[0]
