"""Facts of notices: the many ways to write them, and silence where a text does not say them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.document import Facts
from corpus.facts import find_facts
from corpus.moments import find_moments

#: Text, the day it came out, and by when a reader must act.
DEADLINES = [
    ("请于2025年10月31日（周五）17:00前将申报材料报送至我委。", "2025-10-10", "2025-10-31T17:00"),
    ("申报截止时间：2025年10月31日17时30分。", "2025-10-10", "2025-10-31T17:30"),
    ("报名截止日期：10月31日（周五）下午5点。", "2025-10-10", "2025-10-31T17:00"),
    ("网上申报时间：2025年10月9日9:00至2025年10月31日24:00", "2025-10-01", "2025-10-31T23:59"),
    ("请各单位于二〇二五年十月三十一日前将材料报我办。", "2025-10-10", "2025-10-31"),
    ("征求意见期限：自2025年12月1日至2025年12月31日。", "2025-12-01", "2025-12-31"),
    ("有关意见请于2025年12月20日前反馈至邮箱 a@b.cn。", "2025-12-01", "2025-12-20"),
    ("公开征求意见时间为2025年12月1日—12月30日", "2025-12-01", "2025-12-30"),
    ("经研究，决定将申报截止时间由2025年10月31日延长至2025年11月15日16:00。", "2025-10-28", "2025-11-15T16:00"),
    ("原定于10月31日截止的报名工作延期至11月10日。", "2025-10-28", "2025-11-10"),
    ("即日起至2026年1月15日，符合条件的单位可登录平台申报。", "2025-12-15", "2026-01-15"),
    ("受理期限为即日起至12月31日17:00止。", "2025-12-15", "2025-12-31T17:00"),
    ("三、报名时间\n即日起至11月20日", "2025-11-01", "2025-11-20"),
    ("报名截止：2025.11.20 18:00", "2025-11-01", "2025-11-20T18:00"),
    ("材料提交截至2025-11-20 18:00", "2025-11-01", "2025-11-20T18:00"),
    ("请于1月10日前提交。", "2025-12-20", "2026-01-10"),
    (
        "项目申报截止时间为11月7日16:30。区级初审截止时间为11月14日12:00。各区主管部门于11月20日前行文报送。",
        "2025-10-10",
        "2025-11-07T16:30",
    ),
    ("网上填报时间：2025年11月1日至11月30日。纸质材料请于2025年12月5日前寄送至某路1号。", "2025-10-10", "2025-11-30"),
    ("申报起止时间：2025年10月9日至2025年11月8日（节假日除外），逾期不予受理。", "2025-10-01", "2025-11-08"),
    ("请有意向的单位于11月15日（星期六）18:00之前扫描二维码报名。", "2025-11-01", "2025-11-15T18:00"),
    ("线上填报系统将于2025年11月15日17:00关闭。", "2025-11-01", "2025-11-15T17:00"),
    ("报名通道将于11月15日24时关闭。", "2025-11-01", "2025-11-15T23:59"),
    ("第一批申报截止日期为2025年11月15日，第二批申报截止日期为2026年3月15日。", "2025-11-01", "2025-11-15 2026-03-15"),
    ("本指南有效申报期为2025年11月1日10:00—11月30日16:00，请尽早提交。", "2025-10-25", "2025-11-30T16:00"),
    ("申请截止时间为北京时间2025年11月15日中午12时", "2025-11-01", "2025-11-15T12:00"),
    ("推荐单位请于2025年11月15日前将推荐函盖章后报送。", "2025-11-01", "2025-11-15"),
    ("请申报单位在2025年11月15日前完成网上填报，推荐单位在2025年11月22日前完成审核。", "2025-11-01", "2025-11-15"),
    ("参赛报名：2025年11月1日-12月15日；初赛：2026年1月；决赛：2026年3月10日前完成。", "2025-11-01", "2025-12-15"),
    ("展会将于11月5日至10日举行，参展报名请于10月20日前完成。", "2025-10-01", "2025-10-20"),
    ("大赛报名从即日起开始，截止到2026年2月28日。", "2025-12-15", "2026-02-28"),
    ("申报时间：2025年10月10日至20日。", "2025-10-01", "2025-10-20"),
    ("截止时间\n\n2025年10月15日\n\n注：已获支持的项目不再受理。", "2025-09-29", "2025-10-15"),
    ("征集截止时间：今年12月31日。", "2025-10-31", "2025-12-31"),
    (
        "申请人须在2025年12月1日以前获得博士学位，并在2025年12月10日17:00以前提交申请。",
        "2025-11-01",
        "2025-12-10T17:00",
    ),
    ("投稿截止日期 2025年12月10日", "2025-11-01", "2025-12-10"),
    (
        "会议报名回执请于11月12日（周三）中午12:00前反馈。会议时间：11月15日（周六）14:00—17:00。",
        "2025-11-01",
        "2025-11-12T12:00",
    ),
    ("受理时间：工作日9:00-17:00，截至2025年12月31日。", "2025-11-01", "2025-12-31"),
    (
        "申报企业于2025年11月6日17:00前登录系统完成在线填报；各区于2025年11月10日前完成初审；市级于11月20日前完成复核。",
        "2025-11-01",
        "2025-11-06T17:00",
    ),
    ("活动报名：请于2025年11月6日前点击链接报名，名额有限。", "2025-11-01", "2025-11-06"),
    ("申报材料接收时间：2025年11月3日—2025年11月7日，每日9:00—16:30。", "2025-11-01", "2025-11-07"),
    ("纸质材料报送时间为2025年11月3日至11月7日。", "2025-11-01", "2025-11-07"),
    ("合同执行期从2025年1月1日到2026年12月31日。申报截止日期：2025年11月30日。", "2025-11-01", "2025-11-30"),
    ("申报书提交时间：2025年12月5日 9:00 至 12月15日 17:00。", "2025-11-01", "2025-12-15T17:00"),
    ("反馈时间：2025年11月20日前；联系人：张某。", "2025-11-01", "2025-11-20"),
    ("意见征集截止时间延期至2025年11月30日。", "2025-11-01", "2025-11-30"),
    ("项目申报日期自2025年11月1日起，至2025年11月30日止。", "2025-10-20", "2025-11-30"),
    ("从2025年11月1日开始受理，2025年11月30日16:00截止受理。", "2025-10-20", "2025-11-30T16:00"),
    ("申报截止日期：2025年11月30日（以系统提交时间为准）", "2025-10-20", "2025-11-30"),
    ("请于11月30日（周日）前，登录“一网通办”提交申请。", "2025-10-20", "2025-11-30"),
    ("申报期内（11月1日至11月30日），企业可登录系统填报。", "2025-10-20", "2025-11-30"),
    ("申报期：2025年11月1日～11月30日", "2025-10-20", "2025-11-30"),
    ("本次申报时间自发布之日起至2025年11月30日17:00。", "2025-10-20", "2025-11-30T17:00"),
    ("最迟不晚于2025年11月30日提交全部材料", "2025-10-20", "2025-11-30"),
    ("请务必在2025年11月30日18点前将报名表发送至邮箱", "2025-10-20", "2025-11-30T18:00"),
    ("投递截止：11月30日", "2025-10-20", "2025-11-30"),
    ("申报受理截止至2025年11月30日", "2025-10-20", "2025-11-30"),
]
#: Days that are no deadline for a reader, in texts of 1 November 2025.
NO_DEADLINES = [
    "截至2025年9月30日，全市共有高新技术企业2.5万家。",
    "项目执行期限：2025年11月1日至2027年10月31日。",
    "申报人应为1985年1月1日后出生，具有博士学位。",
    "申报单位须为2024年12月31日前在本市注册成立的企业。",
    "2024年1月1日至2024年12月31日期间取得的发明专利可计入。",
    "本办法自2025年11月1日起施行，有效期至2030年10月31日。",
    "活动时间：2025年11月8日至11月10日，地点：世博展览馆。",
    "企业应在每年3月31日前通过平台报送上年度信息。",
    "公示期：2025年12月12日至2025年12月18日。对公示内容有异议的，请于12月18日前书面反映。",
    "评审时间：2025年11月20日前完成。结果于2025年12月1日前公布。",
    "网上申报时间如下：\n\n上海市科学技术委员会\n2025年10月30日",
    "常年受理，不设截止日期。",
    "项目须于2026年12月31日前完成验收。",
    "力争在2027年12月31日前建成投产。",
    "上述专项资金申报工作已于2025年10月31日截止，共收到申报500项。",
    "请于收到通知之日起10个工作日内提交。",
    "次年3月31日前，企业应当向主管部门提交年度报告。",
    "即日起至11月30日，本馆每天延长开放一小时。",
    "中国队将于2025年11月20日前抵达赛区。",
    "征集活动已于2024年12月31日截止。",
    "请于13月45日前提交。",
]


@pytest.mark.parametrize(("text", "day", "deadlines"), DEADLINES, ids=[text[:24] for text, *_ in DEADLINES])
def test_deadline_is_read(text: str, day: str, deadlines: str) -> None:
    """The day or moment by which a reader must act; of a period its end, of an extension the new one."""
    assert find_facts("", text, day).deadlines == tuple(deadlines.split())


@pytest.mark.parametrize("text", NO_DEADLINES, ids=[text[:24] for text in NO_DEADLINES])
def test_other_days_are_no_deadlines(text: str) -> None:
    """Terms of projects, conditions, events, recurring and past days are left out, as is what only a picture holds."""
    assert find_facts("", text, "2025-11-01").deadlines == ()


NOTICE = """澄江市科学技术委员会关于组织申报的通知
澄科〔2025〕12号

各有关单位：

根据《澄江市科技计划管理办法》（澄府规[2024]3号）和澄科规〔2023〕 8 号要求，现组织申报。

申报时间为2025年3月3日9:00至3月28日17:00。

澄江市科学技术委员会
澄江市财政局
2025年2月27日

附件：申报指南
"""


def test_notice_gives_all_its_facts() -> None:
    """Deadline, issuers in order, its own number, the numbers it cites, and the day it was signed."""
    assert find_facts("关于组织申报的通知", NOTICE, "2025-03-01", reposted_from="澄江科技") == Facts(
        deadlines=("2025-03-28T17:00",),
        issuers=("澄江市科学技术委员会", "澄江市财政局"),
        document_numbers=("澄科〔2025〕12号",),
        cited_numbers=("澄府规〔2024〕3号", "澄科规〔2023〕8号"),
        issued_on="2025-02-27",
        reposted_from="澄江科技",
    )


def test_late_repost_keeps_its_deadline() -> None:
    """A notice that is passed on after its end still says when that was: it is read as of the day it was signed."""
    assert find_facts("", NOTICE, "2025-04-02").deadlines == ("2025-03-28T17:00",)


@pytest.mark.parametrize(
    ("title", "text", "issuers", "issued_on"),
    [
        pytest.param("", "特此通知。\n\n东岸区科委2025年9月3日", ("东岸区科委",), "2025-09-03", id="glued-to-the-day"),
        pytest.param(
            "", "特此通知。东岸区科学技术委员会2025年9月3日", ("东岸区科学技术委员会",), "2025-09-03", id="one-line"
        ),
        pytest.param(
            "",
            "通知。\n创新共同体工作专班\n（东岸区科委代章）\n2025年9月3日",
            ("创新共同体工作专班（东岸区科委代章）",),
            "2025-09-03",
            id="seal",
        ),
        pytest.param(
            "",
            "通知。\n东岸区科委 东岸区财政局\n2025年9月3日",
            ("东岸区科委", "东岸区财政局"),
            "2025-09-03",
            id="joint-in-a-line",
        ),
        pytest.param("", "通知。\n国务院\n二〇二五年八月二十一日", ("国务院",), "2025-08-21", id="chinese-numerals"),
        pytest.param("【通知】东岸区科委关于申报奖励的通知", "请申报。", ("东岸区科委",), None, id="title"),
        pytest.param(
            "关于编制规划的建议",
            "（2025年9月3日东岸区委员会第四次全体会议通过）正文",
            ("东岸区委员会第四次全体会议",),
            "2025-09-03",
            id="adopted",
        ),
        pytest.param("东岸区科委关于新楼的介绍", "新楼启用。", (), None, id="no-notice"),
        pytest.param("", "研究院成立于\n2025年9月3日", (), None, id="a-day-on-a-line"),
        pytest.param("", "获奖单位：\n东岸大学\n澄江研究院\n完成日期\n2025年9月3日", (), None, id="a-list"),
    ],
)
def test_issuers_sign(title: str, text: str, issuers: tuple[str, ...], issued_on: str | None) -> None:
    """Bodies on the lines above a day, in the title of a notice, or those who adopted a text."""
    facts = find_facts(title, text, "2025-09-30")
    assert (facts.issuers, facts.issued_on) == (issuers, issued_on)


def test_organiser_stands_in_for_a_signature() -> None:
    """A call that nobody signed was issued by those who organise it; without a deadline they are only mentioned."""
    text = "大赛启动。\n主办单位：澄江市科协、东岸大学\n"
    assert find_facts("", text, "2025-09-30").issuers == ()
    assert find_facts("", text + "报名截止2025年10月30日", "2025-09-30").issuers == ("澄江市科协", "东岸大学")


@pytest.mark.parametrize(
    ("title", "text", "own", "cited"),
    [
        pytest.param("", "根据东科规〔2025〕4号要求", (), ("东科规〔2025〕4号",), id="cited"),
        pytest.param("", "（以下简称东政办字[2017]20号）", (), ("东政办字〔2017〕20号",), id="words-before-it"),
        pytest.param(
            "《创新办法》公布",
            "《创新办法》（东府规〔2025〕4号）公布。",
            ("东府规〔2025〕4号",),
            (),
            id="of-what-the-title-names",
        ),
        pytest.param(
            "", "关于印发办法的通知东科〔2025〕1号\n\n各区科委：\n", ("东科〔2025〕1号",), (), id="glued-to-the-title"
        ),
        pytest.param("", "2025年12号文件，（2025）号", (), (), id="none"),
    ],
)
def test_numbers_are_its_own_or_cited(title: str, text: str, own: tuple[str, ...], cited: tuple[str, ...]) -> None:
    """A number alone on its line is the document's own, any other one is cited; brackets and blanks are unified."""
    facts = find_facts(title, text, None)
    assert (facts.document_numbers, facts.cited_numbers) == (own, cited)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        pytest.param("公示期为2025年8月26日-2025年9月2日。", ("2025-08-26", "2025-09-02"), id="dash"),
        pytest.param("公示时间：8月26日至9月2日", ("2025-08-26", "2025-09-02"), id="year-of-publication"),
        pytest.param("公示期为2025年9月22日起10个工作日。", None, id="working-days-need-a-calendar"),
        pytest.param("公示如下：2025年8月26日", None, id="one-day"),
    ],
)
def test_public_notice_has_two_days(text: str, period: tuple[str, str] | None) -> None:
    """The period is known only where both ends are written."""
    assert find_facts("", text, "2025-08-26").public_notice == period


@given(st.text(alphabet="20年月日前至1-9:：三十二〇截止申报报名请于\n，。（）") | st.text())
def test_any_text_has_facts(text: str) -> None:
    """No text makes it fail; deadlines ascend, and moments lie in the text one after the other."""
    deadlines = find_facts(text, text, "2025-11-01").deadlines
    assert list(deadlines) == sorted(set(deadlines))
    assert all(first.end <= second.start for first, second in pairwise(find_moments(text)))


def test_time_grows_with_the_text_only() -> None:
    """Two million characters that look like the beginnings of facts are read in seconds."""
    for piece in ("2025年1月1日至", "请于1月", "〔2025〕", "委员会\n", "申报截止时间", "（（（", "公示期"):
        assert find_facts(piece, piece * (300_000 // len(piece)), "2025-01-01") is not None
