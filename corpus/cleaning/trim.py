"""What stands above and below a text and is none of it: boilerplate, credits, a copy of the title."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from corpus.cleaning.boilerplate import AccountBoilerplate
from corpus.cleaning.credits import Credit, credit_of, glued_credit, is_bare_label
from corpus.cleaning.text import drop_repeated_title

#: More lines of either kind than that are a list, not the edge of a text.
_MAX_TAIL_LINES: Final = 16
_MAX_HEAD_LINES: Final = 3
_MAX_CREDIT_CHARS: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Trimmed:
    """A text without its edges, and what they were.

    `notes` are credit lines as they were written, `dropped` the boilerplate, both in the order of the text. `rules`
    names what was done, once for each time. Where nothing but boilerplate is left, it stays as the body, and `is_bare`.
    """

    body: str
    notes: tuple[str, ...]
    dropped: tuple[str, ...]
    rules: tuple[str, ...]
    is_bare: bool
    reposted_from: str | None
    source: str | None


def trim(body: str, title: str, boilerplate: AccountBoilerplate) -> Trimmed:
    """Take boilerplate and credits off both ends, and the copy of the title off the beginning; whole lines only."""
    edges = _Edges(boilerplate)
    body = edges.trim_tail(body)
    body = edges.trim_head(body)
    whole = drop_repeated_title(body, title)
    if whole and whole != body:
        edges.rules.append("repeated_title")
        body = edges.trim_head(whole)
    is_bare = not body
    dropped = (*edges.dropped_first, *reversed(edges.dropped_last))
    if is_bare and dropped:
        body, dropped = "\n".join(dropped), ()
    credits = [*edges.first, *reversed(edges.last)]
    reposted = [credit.reposted_from for _, credit in credits if credit.reposted_from]
    return Trimmed(
        body=body,
        notes=tuple(line for line, _ in credits),
        dropped=dropped,
        rules=(*edges.rules, *["boilerplate"] * len(dropped), *["credits"] * len(credits)),
        is_bare=is_bare,
        reposted_from=reposted[-1] if reposted else None,  # the last hop is named last
        source=next((credit.source for _, credit in credits if credit.source), None),
    )


class _Edges:
    def __init__(self, boilerplate: AccountBoilerplate) -> None:
        self._boilerplate = boilerplate
        self.first: list[tuple[str, Credit]] = []
        self.last: list[tuple[str, Credit]] = []  # from the end upwards, as dropped_last
        self.dropped_first: list[str] = []
        self.dropped_last: list[str] = []
        self.rules: list[str] = []

    def trim_tail(self, body: str) -> str:
        """The body without the lines at its end that are boilerplate or credits."""
        end = len(body)
        for _ in range(_MAX_TAIL_LINES):
            while end and body[end - 1] in "\n ":
                end -= 1
            start = body.rfind("\n", 0, end) + 1
            line = body[start:end]
            if not line:
                break
            cut = self._trim_line(line)
            if cut is None and (label := self._label_above(body, start, line)):
                start, cut = start - label, 0
            if cut is None:
                break
            end = start + cut
        return body[:end].rstrip()

    def _trim_line(self, line: str) -> int | None:
        """Note what the last line is, or what is glued to its end; returns how much of it stays, None for all."""
        if len(line) <= _MAX_CREDIT_CHARS:
            if credit := credit_of(line):
                self.last.append((line.strip(), credit))
                return 0
            if self._boilerplate.holds("tail", line):
                self.dropped_last.append(line.strip())
                return 0
        at = self._boilerplate.cut(line)
        if at is not None:
            self.dropped_last.append(line[at:].strip())
            self.rules.append("glued_boilerplate")
            return at
        at = glued_credit(line)
        if at is not None and (credit := credit_of(line[at:])):
            self.last.append((line[at:].strip(), credit))
            self.rules.append("glued_credits")
            return at
        return None

    def _label_above(self, body: str, start: int, line: str) -> int:
        """How many characters 来源： takes up on the line above its value; 0 if that line is none."""
        above = body[:start].rstrip("\n ") if start and body[start - 2 : start - 1] in ("：", ":") else ""
        begins = above.rfind("\n") + 1
        if not above or not is_bare_label(above[begins:]):
            return 0
        credit = credit_of(above[begins:] + line.strip())
        if credit is None:
            return 0
        self.last.append((above[begins:].strip() + line.strip(), credit))
        return start - begins

    def trim_head(self, body: str) -> str:
        """The body without the lines at its beginning that are boilerplate or credits."""
        for _ in range(_MAX_HEAD_LINES):
            line, _, rest = body[: _MAX_CREDIT_CHARS + 1].partition("\n")
            if len(line) > _MAX_CREDIT_CHARS:
                break
            if credit := credit_of(line, is_first=True):
                self.first.append((line.strip(), credit))
            elif self._boilerplate.holds("head", line):
                self.dropped_first.append(line.strip())
            else:
                break
            body = body[len(line) :].lstrip("\n ")
            if not rest:
                break
        return body
