"""Extracts the facts of a notice: deadlines, issuers, document numbers, notice period. Nothing is guessed."""

from __future__ import annotations

from corpus.document import Facts
from corpus.facts.date_mentions import find_date_mentions
from corpus.facts.deadlines import find_deadlines
from corpus.facts.signatures import find_numbers, find_organisers, find_public_notice, find_signature


def find_facts(
    title: str, body: str, published: str | None, *, reposted_from: str | None = None, source: str | None = None
) -> Facts:
    """The facts of a cleaned text that was published on a day (YYYY-MM-DD); takes time linear in the text."""
    mentions = tuple(find_date_mentions(body))
    signature = find_signature(title, body, mentions, published)
    # A notice may be reposted weeks later: dates without a year refer to the day on which it was signed.
    base = signature.issued_on or published
    deadlines = find_deadlines(body, mentions, base)
    numbers = find_numbers(title, body)
    return Facts(
        deadlines=deadlines,
        issuers=signature.issuers or (find_organisers(body) if deadlines else ()),
        document_numbers=numbers.own,
        cited_numbers=numbers.cited,
        issued_on=signature.issued_on,
        public_notice=find_public_notice(body, mentions, base),
        reposted_from=reposted_from,
        source=source,
    )
