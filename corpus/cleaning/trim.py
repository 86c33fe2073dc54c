"""Removes boilerplate, credits and a copy of the title from the head and tail of a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from corpus.cleaning.boilerplate import AccountBoilerplate
from corpus.cleaning.credits import Credit, credit_of, glued_credit, is_bare_label
from corpus.cleaning.text import drop_repeated_title

#: More such lines are a list, not the head or tail of a text.
_MAX_TAIL_LINES: Final = 16
_MAX_HEAD_LINES: Final = 3
_MAX_CREDIT_CHARS: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Trimmed:
    """A trimmed text, and what was removed from it.

    `notes` are credit lines as written, `dropped` the boilerplate, both in the order of the text. `rules` names each
    change, once for each time. `title_copy` is a title that the text began with. `is_all_trimmed` is True if nothing
    else was in the text; the boilerplate is then kept as the body.
    """

    body: str
    notes: tuple[str, ...]
    dropped: tuple[str, ...]
    title_copy: str
    rules: tuple[str, ...]
    is_all_trimmed: bool
    reposted_from: str | None
    source: str | None


def trim(body: str, title: str, boilerplate: AccountBoilerplate) -> Trimmed:
    """Remove boilerplate and credits from both ends, and a copy of the title from the beginning; whole lines only."""
    trimmer = _Trimmer(boilerplate)
    body = trimmer.trim_tail(body)
    body = trimmer.trim_head(body)
    title_copy = ""
    whole = drop_repeated_title(body, title)
    if whole and whole != body:
        trimmer.rules.append("repeated_title")
        title_copy = body.removesuffix(whole).strip() if body.endswith(whole) else ""
        body = trimmer.trim_head(whole)
    is_all_trimmed = not body
    dropped = (*trimmer.head_dropped, *reversed(trimmer.tail_dropped))
    if is_all_trimmed and dropped:
        body, dropped = "\n".join(dropped), ()
    credits = [*trimmer.head_credits, *reversed(trimmer.tail_credits)]
    reposted = [credit.reposted_from for _, credit in credits if credit.reposted_from]
    return Trimmed(
        body=body,
        notes=tuple(line for line, _ in credits),
        dropped=dropped,
        title_copy=title_copy,
        rules=(*trimmer.rules, *["boilerplate"] * len(dropped), *["credits"] * len(credits)),
        is_all_trimmed=is_all_trimmed,
        reposted_from=reposted[-1] if reposted else None,  # the last repost is named last
        source=next((credit.source for _, credit in credits if credit.source), None),
    )


class _Trimmer:
    """Trims one text; keeps the credits and the boilerplate lines that it removed."""

    def __init__(self, boilerplate: AccountBoilerplate) -> None:
        self._boilerplate = boilerplate
        self.head_credits: list[tuple[str, Credit]] = []
        self.tail_credits: list[tuple[str, Credit]] = []  # the last line first, as in tail_dropped
        self.head_dropped: list[str] = []
        self.tail_dropped: list[str] = []
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
        """Record the last line, or the end of it, as a credit or boilerplate.

        Returns how many characters of the line are left; None if it is neither.
        """
        if len(line) <= _MAX_CREDIT_CHARS:
            if credit := credit_of(line):
                self.tail_credits.append((line.strip(), credit))
                return 0
            if self._boilerplate.holds("tail", line):
                self.tail_dropped.append(line.strip())
                return 0
        at = self._boilerplate.cut(line)
        if at is not None:
            self.tail_dropped.append(line[at:].strip())
            self.rules.append("glued_boilerplate")
            return at
        at = glued_credit(line)
        if at is not None and (credit := credit_of(line[at:])):
            self.tail_credits.append((line[at:].strip(), credit))
            self.rules.append("glued_credits")
            return at
        return None

    def _label_above(self, body: str, start: int, line: str) -> int:
        """The number of characters from a label 来源： on the line above to this line; 0 without such a label."""
        above = body[:start].rstrip("\n ") if start and body[start - 2 : start - 1] in ("：", ":") else ""
        label_start = above.rfind("\n") + 1
        if not above or not is_bare_label(above[label_start:]):
            return 0
        credit = credit_of(above[label_start:] + line.strip())
        if credit is None:
            return 0
        self.tail_credits.append((above[label_start:].strip() + line.strip(), credit))
        return start - label_start

    def trim_head(self, body: str) -> str:
        """The body without the lines at its beginning that are boilerplate or credits."""
        for _ in range(_MAX_HEAD_LINES):
            line, _, rest = body[: _MAX_CREDIT_CHARS + 1].partition("\n")
            if len(line) > _MAX_CREDIT_CHARS:
                break
            if credit := credit_of(line, is_first=True):
                self.head_credits.append((line.strip(), credit))
            elif self._boilerplate.holds("head", line):
                self.head_dropped.append(line.strip())
            else:
                break
            body = body[len(line) :].lstrip("\n ")
            if not rest:
                break
        return body
