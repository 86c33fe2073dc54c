"""Finds the deadlines of a notice: dates by which a reader must act, if the words around the date say so."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from corpus.chinese import ASCII_SENTENCE_ENDS, NUMERAL_CHARS, SENTENCE_ENDS
from corpus.facts.date_mentions import DateMention

_SENTENCE_BORDERS: Final = SENTENCE_ENDS + ASCII_SENTENCE_ENDS + "\n"
_LEFT_CHARS: Final = 90
_RIGHT_CHARS: Final = 90
#: The longest label, such as 截止时间 or （二）征集时间, on a line of its own above its date.
_MAX_LABEL_CHARS: Final = 20
_MAX_LEAD_IN_CHARS: Final = 5  # 即日起至

_ACTIVITY: Final = (
    "申报|报名|征集|受理|申请|填报|填写|提交|报送|递交|推荐|荐选|招募|揭榜|投稿|参赛|参评|注册|登记|反馈|征求意见|意见|"
    "遴选|提名|入库|投递|上传|寄送|邮寄|送达|应征|认领|竞价|投标|认购|征文"
)
#: A period of time for doing something: 网上申报受理时间为.
_PERIOD: Final = re.compile(
    rf"(?:{_ACTIVITY})[^，,]{{0,12}}?(?:时间|期限|日期|时段|时限|期)[^，,\d]{{0,14}}$|(?:{_ACTIVITY})(?:期|期间|阶段|环节|活动|工作)?[：:为自从]{{0,3}}$"
)
_FROM_NOW: Final = re.compile(r"(?:即日|之日|现在|今日)起?，?\s?(?:开始)?[，,]?\s?(?:至|到|—{1,2}|-{1,2}|~|～)\s?$")
_CLOSES: Final = re.compile(
    r"(?:截止|截稿|结束|终止)(?:申报|报名|受理|提交|填报|接收)?(?:的?(?:时间|日期|期限|日|时点))"
    r"(?:[（(][^（()）]{0,24}[）)])?\s*(?:统一|均|暂定|定|设|仍)?\s*(?:[：:为是至到于在—-]|延长至|延期至){0,3}\s*(?:北京时间)?\s*$"
)
#: 截至2025年底，共有… gives a number as of a date, so 截至 counts only after the name of an activity.
_ACTIVITY_CLOSES: Final = re.compile(
    rf"(?:{_ACTIVITY})[^，,]{{0,8}}(?:截止|截至|截稿|持续|开放|受理)\s?[：:为至到于]{{0,2}}\s*$"
    rf"|(?:{_ACTIVITY})[^。；]{{0,24}}[，,](?:截止|截稿)[至到于为：:]{{1,2}}\s*$|(?:{_ACTIVITY})(?:时间|期限)[^。；]{{0,30}}截至\s*$"
)
_HAS_ACTIVITY: Final = re.compile(_ACTIVITY)
_EXTENDED: Final = re.compile(r"(?:延长|延期|推迟|顺延|延后|调整|延)(?:至|到|为)[：:]?\s*$")
_ABOUT_A_DEADLINE: Final = re.compile(rf"截止|{_ACTIVITY}")
_BEFORE_DATE: Final = re.compile(
    r"\s?(?:[（(][^）)\n]{0,12}[）)])?\s?(?:之前|以前|止前|下班前|前)(?![的已]|[^，。]{1,8}已)"
)
_NOT_LATER: Final = re.compile("(?:不晚于|不迟于|最迟|最晚)于?$")
_ENDS_THEN: Final = re.compile(
    r"\s?(?:[（(][^）)\n]{0,12}[）)])?\s?起?\s?(?:正式|统一|准时)?"
    r"(?:截止|止(?=[，,。；;）)\s]|$)|结束|系统(?:将|自动)?关闭|关闭|停止(?:受理|申报|报名|接收))"
)
_ACTION: Final = re.compile(
    "提交|报送|发送|发至|发到|反馈|报名|申报|填报|填写|递交|寄至|寄到|寄送|邮寄|快递|送达|送至|送交|报至|报我|登录|上传|投递|"
    "揭榜|扫码|回复|反映|推荐|注册|登记|提出|申请|投稿|报(?=[^道告名]{0,12}(?:委|局|厅|部|处|办|中心|邮箱))|将.{2,40}(?:发|报|送|寄)"
)
#: Conditions and events that have a date, but are no action of the reader.
_CONDITION: Final = re.compile(
    "出生|周岁|年龄|成立|设立|每年|每月|每季|发生|签订|签署|取得|获得|获批|授权|发表|建成|竣工|投产|开工|验收|注册成立|注册登记|工商注册|"
    "注册地|完成注册|缴纳|入职|毕业|公示|评审结果|评议结果|有效期|生效|施行|实施期|执行期|执行时间|实施周期|建设期|项目周期|服务期|"
    "已(?:经)?(?:完成|提交|获|报|在)|(?:评审|答辩|路演|比赛|初赛|复赛|决赛|培训|活动|举办|会议|展览|展出|开标|考试|面试|颁奖|直播|播出|预约)"
    "(?:时间|日期|期间|期限)|前期|日前|此前|年满"
)
_OBJECTION: Final = re.compile("异议|举报|申诉|质疑|公示期?(?:间|内)")
#: A date within any year, or within a year of another calendar.
_ANY_YEAR: Final = re.compile(r"年(?:度|的)?\s?(?:内|底)?$")
#: Duties of other bodies, and paper copies that follow an application: they are reported only if there is no deadline
#: of the reader's own.
_SECONDARY: Final = re.compile(
    "初审|复审|推荐单位|推荐部门|主管部门|主管单位|各区|区级|区(?:科委|经委|商务委)|分园|管理机构|受理点|归口|街镇|汇总|"
    "审核|依托单位|纸质|书面|原件|邮寄|寄送|寄至|快递|盖章|签收|送达|补正|补充材料|缴费|拟于"
)
_COMMA: Final = re.compile("[，,]")
_MIN_CLAUSE_CHARS: Final = 5
_BRACKETS: Final = re.compile(r"[（(][^（()）\n]{0,40}[）)]")
_NUMBERING: Final = re.compile(rf"^[（(]?[\d{NUMERAL_CHARS}]{{0,3}}[）).．、]?\s?")


class _Deadline(NamedTuple):
    """A date that is a deadline; secondary ones count only without others, and extensions replace others."""

    when: str
    is_secondary: bool
    is_extension: bool


def find_deadlines(text: str, mentions: Sequence[DateMention], published: str | None) -> tuple[str, ...]:
    """The dates (YYYY-MM-DD or YYYY-MM-DDTHH:MM) by which a reader must act, ascending.

    `mentions` are all dates of the text; `published` is the day of publication. An extension replaces the deadlines
    that it extends; deadlines of other bodies, such as districts, count only if there are no others.
    """
    found = list(_deadlines(text, mentions, published))
    extended = [deadline for deadline in found if deadline.is_extension]
    own = [deadline for deadline in found if not deadline.is_secondary]
    whens = {deadline.when for deadline in extended or own or found}
    days_with_time = {when[:10] for when in whens if "T" in when}
    return tuple(sorted(when for when in whens if "T" in when or when not in days_with_time))


def _deadlines(text: str, mentions: Sequence[DateMention], published: str | None) -> Iterator[_Deadline]:
    for mention in mentions:
        left, right = _left(text, mention), _right(text, mention)
        is_extension = bool(_EXTENDED.search(left) and _ABOUT_A_DEADLINE.search(left))
        if not is_extension and not _is_deadline(mention, left, right):
            continue
        when = mention.resolve(published)
        if when is None or (published and when[:10] < published):
            continue
        around = _last_clause(_BRACKETS.sub("", left)) + _COMMA.split(right, maxsplit=1)[0]
        yield _Deadline(when, bool(_SECONDARY.search(around)), is_extension)


def _is_deadline(mention: DateMention, left: str, right: str) -> bool:
    clause = left if mention.period_start is not None else _COMMA.split(left)[-1]
    if _OBJECTION.search(left) or _CONDITION.search(clause) or _CONDITION.search(right[:24]):
        return False
    if mention.year is None and mention.year_offset is None and _ANY_YEAR.search(left):
        return False
    if _FROM_NOW.search(left):
        return bool(_HAS_ACTIVITY.search(left) or _HAS_ACTIVITY.search(right))
    if mention.period_start is not None:
        return bool(_PERIOD.search(left))
    if _CLOSES.search(left) or _ACTIVITY_CLOSES.search(left):
        return True
    before = _BEFORE_DATE.match(right) or (_NOT_LATER.search(left) and re.match("", right))
    if before:
        if left.endswith(("到", "至")):  # a goal: 到2025年12月31日前，建成…
            return False
        return bool(_PERIOD.search(left) or _ACTION.search(right, before.end()) or _ACTION.search(_last_clause(left)))
    ends = _ENDS_THEN.match(right)
    return bool(
        ends and (_ABOUT_A_DEADLINE.search(left) or _HAS_ACTIVITY.match(right, ends.end()) or "系统" in ends[0])
    )


def _last_clause(left: str) -> str:
    """The clause right before a date; one as short as 请于 includes the clause before it."""
    clauses = _COMMA.split(left)
    return clauses[-1] if len(clauses) == 1 or len(clauses[-1]) >= _MIN_CLAUSE_CHARS else "".join(clauses[-2:])


def _left(text: str, mention: DateMention) -> str:
    """The text before the date, or before its period, in the same sentence; with a label on the line above."""
    at = mention.start if mention.period_start is None else mention.period_start
    start = max(0, at - _LEFT_CHARS)
    left = text[start:at]
    cut = max(map(left.rfind, _SENTENCE_BORDERS))
    sentence = left[cut + 1 :]
    if cut >= 0 and left[cut] == "\n" and len(_NUMBERING.sub("", sentence.strip())) <= _MAX_LEAD_IN_CHARS:
        above = left[:cut].rstrip()
        label = above[above.rfind("\n") + 1 :].strip()
        if 0 < len(label) <= _MAX_LABEL_CHARS and label[-1] not in SENTENCE_ENDS + "，":
            return label.rstrip("：:") + "：" + sentence.strip()
    return sentence


def _right(text: str, mention: DateMention) -> str:
    """The text after the date in the same sentence."""
    right = text[mention.end : mention.end + _RIGHT_CHARS]
    return right[: min((cut for cut in map(right.find, _SENTENCE_BORDERS) if cut >= 0), default=_RIGHT_CHARS)]
