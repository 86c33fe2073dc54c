"""Who issued a document, on which day and under which number, as its head and its signature say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from corpus.chinese import HAN, NUMERAL_CHARS
from corpus.facts.date_mentions import Moment, find_moments

_HAN_LINE_CHARS: Final = 60
#: Joint notices have up to a dozen issuers.
_MAX_ISSUERS: Final = 16
#: What the name of a body that issues documents ends with.
_BODY_ENDS: Final = (
    "委员会|委|人民政府|政府|办公厅|办公室|国务院|法院|检察院|研究院|科学院|工程院|学院|医院|厅|总局|管理局|局|工信部|科技部|"
    f"[{HAN}]{{2,8}}部|处|中心|总站|站|公司|集团|协会|学会|研究会|促进会|联合会|商会|理事会|基金会|联盟|大学|学校|研究所|所|"
    "银行|专班|领导小组|工作组|小组|组委会|筹委会|管委会|秘书处|总工会|工会|团市委|妇联|科协|书院|图书馆|博物馆|科技馆|馆|党组|党委|支队|总队"
)
_BODY: Final = re.compile(
    rf"(?!附件|附[：:]|联系|地址|承办|主办|协办|抄送|各有?关?单位|关于)[{HAN}“”（）()·A-Za-z0-9、\s]{{0,38}}?(?:{_BODY_ENDS})"
    r"(?:\s?[（(][^（()）]{1,24}(?:代章|章|盖章|筹)[）)])?"
)
_SEAL: Final = re.compile(r"[（(][^（()）]{1,24}(?:代章|代)[）)]")
#: A line of a list, or one that names a body for another reason.
_NO_SIGNATURE: Final = re.compile(
    rf"^[\d（({NUMERAL_CHARS}]{{1,4}}[、.．）)]|[：:。；，,;]|^(?:承担|牵头|申报|项目|参与|责任)单位"
)
_TITLED: Final = re.compile(
    rf"^(?:【[^】]{{1,8}}】)?(?P<bodies>[{HAN}（）\s]{{1,80}}?(?:{_BODY_ENDS}))\s?"
    r"关于.{2,150}?(?:通知|公告|通告|意见|决定|批复|函|公示|办法|规定|方案|措施|建议|指南|细则|规划|纲要|目录|名单|报告|通报)$"
)
_ADOPTED: Final = re.compile(
    r"[（(](?P<when>\d{4}年\d{1,2}月\d{1,2}日)(?P<who>[^（()）\d]{4,50}(?:会议|大会|全会))(?:审议|表决)?通过[）)]"
)
_TAG: Final = re.compile("^【[^】]{1,8}】")
_HEAD_CHARS: Final = 600
#: Years stand in all four kinds of brackets.
_NUMBER: Final = re.compile(
    r"[〔\[［【（(﹝]\s?(?P<year>(?:19|20)\d\d)\s?[〕\]］】）)﹞]\s?(?:第\s?)?(?P<number>\d{1,5})\s?号"
)
_MAKER: Final = re.compile(rf"[{HAN}A-Z]{{1,14}}(?=\s?$)")
#: Words that stand right before a number and do not belong to it.
_BEFORE_NUMBER: Final = re.compile(
    ".*(?:根据|按照|依据|依照|文号为|文号|文件|印发|通知|批复|批准|简称|下称|以及|以|参照|对照|和|与|及|见|即|由|将|的)"
)
_ROUND: Final = "（("
#: The line of those addressed, below the number.
_SALUTATION: Final = re.compile(r"[）)]?\s{0,4}\n\s{0,4}[^\n。]{2,80}[：:]\n")
_ORGANISERS: Final = re.compile(r"(?:主办|发布|征集)(?:单位|方|机构)[：:]\s{0,3}(?P<names>[^\n。；;：:]{3,200})")
_NOTICE_PERIOD: Final = re.compile(r"公示(?:时间|期限|期|日期)?[^。；\n]{0,12}$")


class Signature(NamedTuple):
    """Who issued a document, and when (YYYY-MM-DD)."""

    issuers: tuple[str, ...] = ()
    issued_on: str | None = None


class Numbers(NamedTuple):
    """A document's own numbers, and those it refers to, each once, in order."""

    own: tuple[str, ...] = ()
    cited: tuple[str, ...] = ()


def find_signature(title: str, body: str, moments: Sequence[Moment], published: str | None) -> Signature:
    """The first signature with a day below it; or the body that adopted the text; or the one that the title names."""
    for signature in _signatures(body, moments, published):
        return signature
    if adopted := _ADOPTED.search(body[:_HEAD_CHARS]):
        day = next((moment.on(None) for moment in find_moments(adopted["when"])), None)
        return Signature((adopted["who"],), day)
    titled = _TITLED.match(title)
    return Signature(_bodies_of(titled["bodies"]) if titled else ())


def _signatures(body: str, moments: Sequence[Moment], published: str | None) -> Iterator[Signature]:
    """Each day that closes a line, below or behind the names of bodies."""
    for moment in moments:
        if moment.year is None or moment.clock or moment.opens is not None:
            continue
        near = max(0, moment.start - _HAN_LINE_CHARS)
        start = max(body.rfind(border, near, moment.start) for border in "\n。！") + 1
        if start == 0 and near:
            continue
        rest = body[moment.end : moment.end + 12].partition("\n")[0].strip()
        if rest and not rest.startswith(("相关", "点击", "（此件", "(此件", "（联系", "(联系")):
            continue
        day = moment.on(published)
        if day is None or (published and day > published):
            continue
        named = body[start : moment.start].strip()
        issuers = _bodies_of(named) if named else _bodies_above(body, start) if body[start - 1 : start] == "\n" else ()
        if issuers:
            yield Signature(issuers, day)


def _bodies_above(body: str, end: int) -> tuple[str, ...]:
    """The bodies named on the lines right above, in order; blank lines may stand between."""
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
    """The bodies that a line consists of; none if it holds anything else."""
    if len(line) > 160 or _NO_SIGNATURE.search(line):
        return ()
    parts = line.split()
    if len(parts) > 1 and all(_BODY.fullmatch(part) for part in parts):
        return tuple(parts)
    whole = "".join(parts)
    return (whole,) if len(whole) <= _HAN_LINE_CHARS and _BODY.fullmatch(whole) else ()


def find_organisers(body: str) -> tuple[str, ...]:
    """The bodies after 主办单位：, for a call that nobody signed."""
    named = _ORGANISERS.search(body)
    names = named["names"].replace("，", "、").split("、") if named else []
    return tuple(name.strip() for name in names if _BODY.fullmatch(name.strip()))[:_MAX_ISSUERS]


def find_numbers(title: str, body: str) -> Numbers:
    """Numbers like 沪科〔2025〕386号: its own stands alone on a line, or behind the name of what the title names."""
    if "号" not in body and "号" not in title:
        return Numbers()
    own: dict[str, None] = {}
    cited: dict[str, None] = {}
    named = re.findall("《([^《》]{4,80})》", title)
    for match in _NUMBER.finditer(body):
        before = body[max(0, match.start() - 90) : match.start()]
        written = _MAKER.search(before[-15:])
        maker = _BEFORE_NUMBER.sub("", written[0]) if written else ""
        if not maker:
            continue
        number = f"{maker}〔{match['year']}〕{int(match['number'])}号"
        before = before.rstrip().removesuffix(maker)
        line = before[before.rfind("\n") + 1 :].strip()
        behind = body[match.end() : match.end() + 6].partition("\n")[0].strip()
        alone = (not line or line in _ROUND) and (not behind or behind in "）)")
        subject = before.rstrip(_ROUND)
        heads = (alone or (not behind and _SALUTATION.match(body, match.end()))) and not own and not cited
        if heads or any(subject.endswith(f"《{name}》") for name in named):
            own[number] = None
        else:
            cited[number] = None
    return Numbers(tuple(own), tuple(number for number in cited if number not in own))


def find_public_notice(text: str, moments: Sequence[Moment], published: str | None) -> tuple[str, str] | None:
    """The first and the last day on which a list is open to objections, where both are written."""
    if "公示" not in text:
        return None
    opened: dict[int, str | None] = {}
    for moment in moments:
        day = moment.on(published) or moment.on(None)
        opened[moment.start] = day
        if moment.opens is None or day is None:
            continue
        first = opened.get(moment.opens)
        if first and first <= day and _NOTICE_PERIOD.search(text[max(0, moment.opens - 24) : moment.opens]):
            return first[:10], day[:10]
    return None
