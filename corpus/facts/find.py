"""What a notice says about itself: deadlines, issuers, numbers, days. Rules that are silent where the text is."""

from __future__ import annotations

from corpus.document import Facts
from corpus.facts.date_mentions import find_moments
from corpus.facts.deadlines import find_deadlines
from corpus.facts.signatures import find_numbers, find_organisers, find_public_notice, find_signature


def find_facts(
    title: str, body: str, published: str | None, *, reposted_from: str | None = None, source: str | None = None
) -> Facts:
    """The facts of a cleaned text that came out on the day `published`; takes time linear in the text."""
    moments = tuple(find_moments(body))
    signature = find_signature(title, body, moments, published)
    # A notice that was passed on weeks later is to be read with the eyes of the day it was signed on.
    written = signature.issued_on or published
    deadlines = find_deadlines(body, moments, written)
    numbers = find_numbers(title, body)
    return Facts(
        deadlines=deadlines,
        issuers=signature.issuers or (find_organisers(body) if deadlines else ()),
        document_numbers=numbers.own,
        cited_numbers=numbers.cited,
        issued_on=signature.issued_on,
        public_notice=find_public_notice(body, moments, written),
        reposted_from=reposted_from,
        source=source,
    )
