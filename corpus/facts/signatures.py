"""Finds issuers, date of issue, document numbers and notice period in the head and the signature of a document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from corpus.chinese import HAN, NUMERAL_CHARS
from corpus.facts.date_mentions import DateMention, find_date_mentions

_MAX_SIGNATURE_CHARS: Final = 60
#: Joint notices have up to a dozen issuers.
_MAX_ISSUERS: Final = 16
#: The ends of the names of bodies that issue documents.
_BODY_ENDS: Final = (
    "委员会|委|人民政府|政府|办公厅|办公室|国务院|法院|检察院|研究院|科学院|工程院|学院|医院|厅|总局|管理局|局|工信部|科技部|"
    f"[{HAN}]{{2,8}}部|处|中心|总站|站|公司|集团|协会|学会|研究会|促进会|联合会|商会|理事会|基金会|联盟|大学|学校|研究所|所|"
    "银行|专班|领导小组|工作组|小组|组委会|筹委会|管委会|秘书处|总工会|工会|团市委|妇联|科协|书院|图书馆|博物馆|科技馆|馆|党组|党委|支队|总队"
)
_BODY_NAME: Final = re.compile(
    rf"(?!附件|附[：:]|联系|地址|承办|主办|协办|抄送|各有?关?单位|关于)[{HAN}“”（）()·A-Za-z0-9、\s]{{0,38}}?(?:{_BODY_ENDS})"
    r"(?:\s?[（(][^（()）]{1,24}(?:代章|章|盖章|筹)[）)])?"
)
_SEAL: Final = re.compile(r"[（(][^（()）]{1,24}(?:代章|代)[）)]")
#: Lines of lists, and lines that name a body for another reason.
_NO_SIGNATURE: Final = re.compile(
    rf"^[\d（({NUMERAL_CHARS}]{{1,4}}[、.．）)]|[：:。；，,;]|^(?:承担|牵头|申报|项目|参与|责任)单位"
)
_ISSUER_IN_TITLE: Final = re.compile(
    rf"^(?:【[^】]{{1,8}}】)?(?P<bodies>[{HAN}（）\s]{{1,80}}?(?:{_BODY_ENDS}))\s?"
    r"关于.{2,150}?(?:通知|公告|通告|意见|决定|批复|函|公示|办法|规定|方案|措施|建议|指南|细则|规划|纲要|目录|名单|报告|通报)$"
)
_ADOPTED_BY: Final = re.compile(
    r"[（(](?P<when>\d{4}年\d{1,2}月\d{1,2}日)(?P<who>[^（()）\d]{4,50}(?:会议|大会|全会))(?:审议|表决)?通过[）)]"
)
_TAG: Final = re.compile("^【[^】]{1,8}】")
_HEAD_CHARS: Final = 600
#: The year is written in brackets of several kinds.
_DOCUMENT_NUMBER: Final = re.compile(
    r"[〔\[［【（(﹝]\s?(?P<year>(?:19|20)\d\d)\s?[〕\]］】）)﹞]\s?(?:第\s?)?(?P<number>\d{1,5})\s?号"
)
_AGENCY: Final = re.compile(rf"[{HAN}A-Z]{{1,14}}(?=\s?$)")
#: Words right before a document number that are not part of the agency's short name.
_BEFORE_NUMBER: Final = re.compile(
    ".*(?:根据|按照|依据|依照|文号为|文号|文件|印发|通知|批复|批准|简称|下称|以及|以|参照|对照|和|与|及|见|即|由|将|的)"
)
_OPENING_BRACKETS: Final = "（("
#: The line of the addressees below the number.
_SALUTATION: Final = re.compile(r"[）)]?\s{0,4}\n\s{0,4}[^\n。]{2,80}[：:]\n")
_ORGANISERS: Final = re.compile(r"(?:主办|发布|征集)(?:单位|方|机构)[：:]\s{0,3}(?P<names>[^\n。；;：:]{3,200})")
_NOTICE_PERIOD: Final = re.compile(r"公示(?:时间|期限|期|日期)?[^。；\n]{0,12}$")


class Signature(NamedTuple):
    """The bodies that issued a document, and the date of issue (YYYY-MM-DD)."""

    issuers: tuple[str, ...] = ()
    issued_on: str | None = None


class DocumentNumbers(NamedTuple):
    """A document's own numbers and the numbers that it cites, each once, in the order of the text."""

    own: tuple[str, ...] = ()
    cited: tuple[str, ...] = ()


def find_signature(title: str, body: str, mentions: Sequence[DateMention], published: str | None) -> Signature:
    """The first signature with a date; else the body that adopted the text; else the body that the title names."""
    for signature in _signatures(body, mentions, published):
        return signature
    if adoption := _ADOPTED_BY.search(body[:_HEAD_CHARS]):
        day = next((mention.resolve(None) for mention in find_date_mentions(adoption["when"])), None)
        return Signature((adoption["who"],), day)
    titled = _ISSUER_IN_TITLE.match(title)
    return Signature(_bodies_of(titled["bodies"]) if titled else ())


def _signatures(body: str, mentions: Sequence[DateMention], published: str | None) -> Iterator[Signature]:
    """Dates at the end of a line that follow the names of bodies, in the same line or in the lines above."""
    for mention in mentions:
        if mention.year is None or mention.time or mention.period_start is not None:
            continue
        near = max(0, mention.start - _MAX_SIGNATURE_CHARS)
        start = max(body.rfind(border, near, mention.start) for border in "\n。！") + 1
        if start == 0 and near:
            continue
        rest = body[mention.end : mention.end + 12].partition("\n")[0].strip()
        if rest and not rest.startswith(("相关", "点击", "（此件", "(此件", "（联系", "(联系")):
            continue
        day = mention.resolve(published)
        if day is None or (published and day > published):
            continue
        text = body[start : mention.start].strip()
        issuers = _bodies_of(text) if text else _bodies_above(body, start) if body[start - 1 : start] == "\n" else ()
        if issuers:
            yield Signature(issuers, day)


def _bodies_above(body: str, end: int) -> tuple[str, ...]:
    """The bodies named on the lines right above, in the order of the text; there may be blank lines between them."""
    bodies: list[str] = []
    seal = ""
    blanks = 0
    while end > 0 and len(bodies) < _MAX_ISSUERS and blanks < 3:
        start = body.rfind("\n", 0, end - 1) + 1
        line = body[start : end - 1].strip() if end - start < 200 else "。"
        end = start
        if not line:
            blanks += 1
            continue
        if not bodies and not seal and _SEAL.fullmatch(line):
            seal = line
            continue
        names = _bodies_of(line)
        if not names:
            break
        bodies = [*names, *bodies]
        blanks = 1
    if bodies and seal:
        bodies[-1] += seal
    return tuple(dict.fromkeys(bodies))


def _bodies_of(line: str) -> tuple[str, ...]:
    """The bodies that a line names; empty if the line contains anything else."""
    if len(line) > 160 or _NO_SIGNATURE.search(line):
        return ()
    parts = line.split()
    if len(parts) > 1 and all(_BODY_NAME.fullmatch(part) for part in parts):
        return tuple(parts)
    whole = "".join(parts)
    return (whole,) if len(whole) <= _MAX_SIGNATURE_CHARS and _BODY_NAME.fullmatch(whole) else ()


def find_organisers(body: str) -> tuple[str, ...]:
    """The bodies after 主办单位：, which stand in for the issuers of a notice without a signature."""
    named = _ORGANISERS.search(body)
    names = named["names"].replace("，", "、").split("、") if named else []
    return tuple(name.strip() for name in names if _BODY_NAME.fullmatch(name.strip()))[:_MAX_ISSUERS]


def find_numbers(title: str, body: str) -> DocumentNumbers:
    """Document numbers like 沪科〔2025〕386号.

    A document's own number stands alone on a line, or follows the name of a document that the title names.
    """
    if "号" not in body and "号" not in title:
        return DocumentNumbers()
    own: dict[str, None] = {}
    cited: dict[str, None] = {}
    named = re.findall("《([^《》]{4,80})》", title)
    for match in _DOCUMENT_NUMBER.finditer(body):
        before = body[max(0, match.start() - 90) : match.start()]
        name = _AGENCY.search(before[-15:])
        agency = _BEFORE_NUMBER.sub("", name[0]) if name else ""
        if not agency:
            continue
        number = f"{agency}〔{match['year']}〕{int(match['number'])}号"
        before = before.rstrip().removesuffix(agency)
        line = before[before.rfind("\n") + 1 :].strip()
        after = body[match.end() : match.end() + 6].partition("\n")[0].strip()
        is_alone = (not line or line in _OPENING_BRACKETS) and (not after or after in "）)")
        subject = before.rstrip(_OPENING_BRACKETS)
        is_own = (is_alone or (not after and _SALUTATION.match(body, match.end()))) and not own and not cited
        if is_own or any(subject.endswith(f"《{name}》") for name in named):
            own[number] = None
        else:
            cited[number] = None
    return DocumentNumbers(tuple(own), tuple(number for number in cited if number not in own))


def find_public_notice(text: str, mentions: Sequence[DateMention], published: str | None) -> tuple[str, str] | None:
    """The first and last day (YYYY-MM-DD) of the notice period for objections, if the text gives both."""
    if "公示" not in text:
        return None
    dates: dict[int, str | None] = {}
    for mention in mentions:
        day = mention.resolve(published) or mention.resolve(None)
        dates[mention.start] = day
        if mention.period_start is None or day is None:
            continue
        first = dates.get(mention.period_start)
        before = text[max(0, mention.period_start - 24) : mention.period_start]
        if first and first <= day and _NOTICE_PERIOD.search(before):
            return first[:10], day[:10]
    return None
