"""Parses XML to a stream of events with expat; document types, which may declare entities, are rejected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal, NamedTuple
from xml.parsers import expat  # a document type is refused below, so no entity is ever expanded

_NAMES: Final = " "
#: Word files have some dozens of levels; each takes memory until it is closed.
_MAX_DEPTH: Final = 1000


class BrokenXml(ValueError):
    """The XML is not well formed."""


class DeclaresTypes(BrokenXml):
    """The XML declares a document type, whose entities may expand without end."""


class Event(NamedTuple):
    """`kind` is start, end or text; `space` is the namespace, `name` and the keys of `attributes` are local names."""

    kind: Literal["start", "end", "text"]
    space: str
    name: str
    attributes: Mapping[str, str] = {}
    text: str = ""


def xml_events(chunks: Iterable[bytes | str]) -> Iterator[Event]:
    """The events of an XML document, while its chunks are read; raises BrokenXml."""
    parser = expat.ParserCreate(namespace_separator=_NAMES)
    parser.buffer_text = True
    events: list[Event] = []
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _MAX_DEPTH:
            raise BrokenXml(f"nested deeper than {_MAX_DEPTH:,} levels")
        space, _, name = tag.rpartition(_NAMES)
        local = {key.rpartition(_NAMES)[2]: value for key, value in attributes.items()}
        events.append(Event("start", space, name, local))

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        space, _, name = tag.rpartition(_NAMES)
        events.append(Event("end", space, name))

    def refuse(*_: object) -> None:
        raise DeclaresTypes("it declares a document type, which is not allowed")

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = lambda text: events.append(Event("text", "", "", {}, text))
    parser.StartDoctypeDeclHandler = refuse
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
            yield from events
            events.clear()
        parser.Parse(b"", True)
        yield from events
    except expat.ExpatError as error:
        raise BrokenXml(f"not well formed at line {error.lineno}: {expat.errors.messages[error.code]}") from None
