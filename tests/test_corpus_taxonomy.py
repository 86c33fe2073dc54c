"""Program types and genres: effect of positions and exclusions, user rule files, and scores on labels."""

from __future__ import annotations

import html
import json
import tomllib
from pathlib import Path

import pytest

from corpus.errors import CorpusError
from corpus.taxonomy.classify import Evidence, Taxonomy
from corpus.taxonomy.rule_file import PACKAGED_TAXONOMY, TaxonomyError

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    """The packaged rules."""
    return Taxonomy.load()


def test_table_lists_every_value(taxonomy: Taxonomy) -> None:
    """There are 25 types in groups, and 14 genres, each named once, and a value for each role."""
    rules = taxonomy.rules
    assert len(rules.program_types) == len(set(rules.program_types)) == len(rules.types) + 1 == 26
    assert len(rules.genres) == len(set(rules.genres)) == 14
    assert (rules.no_type, rules.digest, rules.default_genre) == ("无", "汇编盘点", "企业产业报道")
    assert {type.group[:2] for type in rules.types} == {f"{letter} " for letter in "ABCDEFG"}


@pytest.mark.parametrize(
    ("title", "body", "types"),
    [
        pytest.param("关于组织申报“深海探测”国家科技重大专项的通知", "", ("国家科技重大专项",), id="title-decides"),
        pytest.param(
            "本市企业牵头承担国家科技重大专项多个项目", "", ("无",), id="title-exclusion-undertaken-elsewhere"
        ),
        pytest.param(
            "关于发布项目指南的通知",
            "各有关单位：\n现启动国家重点研发计划年度项目申报工作。",
            ("国家重点研发计划",),
            id="lead-decides-in-a-notice",
        ),
        pytest.param(
            "一位青年学者的实验室日记",
            "他主持国家重点研发计划课题两项，指南发布时已准备多年。",
            ("无",),
            id="lead-of-a-story-does-not",
        ),
        pytest.param(
            "星河机器人发布新品",
            "星河公司是国家级高新技术企业、专精特新“小巨人”企业，去年营收增长一成。",
            ("无",),
            id="attributes-of-a-company",
        ),
        pytest.param("关于兑付第三批科技创新券的通知", "", ("创新券与普惠补助",), id="voucher-in-the-title"),
        pytest.param(
            "关于发布某项目申报指南的通知",
            "申报条件如下。\n享受本市科技创新券补贴的合同，不重复支持。",
            ("无",),
            id="voucher-only-as-a-limit",
        ),
        pytest.param("新厂房三天拿到施工许可证", "", ("无",), id="building-permit-is-no-licensing"),
        pytest.param("某新区一季度重点项目集中开工", "", ("重大项目与招商引资",), id="ground-breaking"),
        pytest.param(
            "某项目提前封顶｜“十五五”抢开局", "", ("重大项目与招商引资",), id="column-name-is-no-five-year-plan"
        ),
        pytest.param("直线加速器驱动新光源调试成功", "", ("无",), id="particle-accelerator"),
        pytest.param(
            "上海市某年度“科技创新行动计划”软科学项目申报指南",
            "",
            ("地方科技计划与奖补",),
            id="local-program-named-action-plan",
        ),
    ],
)
def test_type_by_position_and_exclusion(taxonomy: Taxonomy, title: str, body: str, types: tuple[str, ...]) -> None:
    """A type is given if its words name the subject of the document, not if they are only mentioned."""
    assert taxonomy.classify(title, body).program_types == types


OTHER_PLACES = [
    ("国家科技重大专项", "关于组织申报“深地探测”国家科技重大专项公开竞争类项目的通知", "", "major-project"),
    ("国家重点研发计划", "关于推荐国家重点研发计划“绿色生物制造”重点专项项目的通知", "", "key-research"),
    ("无", "苏州：企业牵头国家重点研发计划项目数创新高", "", "key-research-as-a-number"),
    ("基础研究与科学基金", "深圳市基础研究专项（自然科学基金）面上项目拟资助项目的公示", "", "science-fund"),
    ("地方科技计划与奖补", "关于下达某市科技重大专项项目资助计划的通知", "", "city-major-project"),
    ("地方科技计划与奖补", "关于拨付企业研发费用后补助资金的通知", "", "research-subsidy"),
    ("地方科技计划与奖补", "2026年江苏省产学研合作项目开始申报", "", "university-industry-project"),
    ("揭榜挂帅", "江北新区发布十大技术榜单", "新区发布首批“揭榜挂帅”榜单，面向全球征集揭榜团队。", "bounty-in-lead"),
    ("无", "市委书记：完善揭榜挂帅机制 提升创新效能", "", "bounty-as-a-mechanism"),
    ("国际与区域科技合作", "京津冀科技协同创新联合攻关项目征集通知", "", "regional"),
    ("国际与区域科技合作", "粤港澳大湾区科技创新联合资助计划项目申报启动", "", "greater-bay-area"),
    ("未来产业与颠覆性技术", "关于组织开展北京市未来产业育新基地申报的通知", "", "future-industry"),
    ("高新技术企业认定", "关于取消某公司高新技术企业资格的公告", "", "status-withdrawn"),
    ("无", "全区高新技术企业突破2000家，动能持续增强", "", "status-as-a-number"),
    ("科技型中小企业", "浙江省第5批拟入库科技型中小企业名单公示", "", "small-technology-firms"),
    ("科技金融与产业基金", "“科技型中小企业履约贷”累计放款百亿", "", "loan-is-finance"),
    ("专精特新与中小企业培育", "我市26家企业入选国家重点“小巨人”", "", "little-giants"),
    ("无", "专精特新企业云帆科技携新品亮相展会", "", "little-giant-as-attribute"),
    ("创新券与普惠补助", "关于发放第一批“算力券”的公告", "", "computing-voucher"),
    ("科技金融与产业基金", "投贷联动、质押融资……银企对接会帮企业解渴", "", "banks-meet-firms"),
    ("无", "某机器人公司完成10亿元B轮融资", "公司宣布完成融资，由某产业基金跟投。", "financing-round"),
    ("产业专项资金与技改", "关于组织申报省级工业企业技术改造综合奖补项目的通知", "", "renewal"),
    ("无", "企业投资8亿元技改，老厂变智慧园", "", "renewal-as-company-news"),
    ("人工智能与智能制造专项", "2026年度江苏省先进级智能工厂名单公布", "", "smart-factories"),
    ("无", "今天下午，直播带你看智能工厂", "", "smart-factory-visit"),
    ("产业行动方案", "一图读懂《苏州市具身智能机器人产业创新发展行动计划》", "", "action-plan"),
    ("产业行动方案", "合成生物“18条”来了！", "日前，某市印发《支持合成生物产业发展的若干政策措施》。", "plan-in-lead"),
    ("无", "某市印发安全生产治本攻坚三年行动方案", "", "plan-of-no-industry"),
    ("成果转化与技术转移", "职务科技成果“先用后转”怎么操作？", "", "transfer"),
    ("无", "两院院士座谈：加速成果转化 赋能新质生产力", "", "transfer-as-a-phrase"),
    ("孵化器与创业载体", "关于开展省级众创空间备案工作的通知", "", "makerspace"),
    ("无", "激光等离子体加速器研制获重要进展", "", "plasma-accelerator"),
    ("创新创业大赛", "第十五届中国创新创业大赛江苏赛区报名启动", "", "contest"),
    ("无", "全市职工技能大赛焊工决赛开赛", "", "skills-contest"),
    ("科技人才计划", "关于申报江苏省“双创计划”的通知", "", "talent"),
    ("研发机构与创新平台", "关于认定北京市工程技术研究中心的通知", "", "engineering-centre"),
    ("无", "某重点实验室提出新型电池设计方法", "", "laboratory-as-author"),
    ("科普计划与基地", "科普日来啦！百场活动等你打卡", "", "popular-science-day"),
    ("无", "流感季来了，医生为你科普一下", "", "popular-science-as-a-verb"),
    ("园区与科创承载区", "国家高新区高质量发展评价结果公布", "", "high-tech-zone"),
    ("无", "某某高新区：社区书屋开放", "", "high-tech-zone-as-a-place"),
    ("重大项目与招商引资", "央企总部密集落户雄安", "", "settling"),
    ("无", "招商轮船订造5艘油轮", "", "company-named-so"),
    ("无", "打开工作区并启用跨域请求", "", "software-documentation"),
    ("五年规划", "省科技厅召开“十五五”科技创新规划编制座谈会", "", "five-year-plan"),
    ("许可监管与标准", "关于注销部分无线电台执照的公告", "", "licence"),
    ("无", "多地爆发反对移民执法的抗议", "", "foreign-enforcement"),
]


@pytest.mark.parametrize(("types", "title", "body"), [pytest.param(*case[:3], id=case[3]) for case in OTHER_PLACES])
def test_types_of_other_cities_and_departments(taxonomy: Taxonomy, types: str, title: str, body: str) -> None:
    """Programmes of other places and departments get their types, and similar texts do not."""
    assert taxonomy.classify(title, body).program_types == (types,)


def test_headings_of_a_policy_give_types_with_money(taxonomy: Taxonomy) -> None:
    """A clause of a comprehensive policy gives a type only if it promises money."""
    body = (
        "为促进科技创新，制定本措施。\n"
        "一、支持载体\n1.孵化器建设。对新认定的孵化器给予50万元奖励。\n"
        "2.成果转化服务。各部门加强宣传。\n二、附则\n本措施由区科委解释。\n" + "本区企业均可申请。" * 150
    )
    result = taxonomy.classify("某区鼓励科技创新的若干政策措施", body)
    assert result.genre == "政策文件"
    assert result.program_types == ("地方科技计划与奖补", "孵化器与创业载体")
    assert Evidence("type", "孵化器与创业载体", "heading", "孵化器") in result.evidence


def test_body_of_a_digest_gives_types_of_its_items(taxonomy: Taxonomy) -> None:
    """An item of a digest that reports a notice gives a type, although it is in the running text."""
    body = "科技要闻\n" + "本周天气晴好。" * 60 + "\n12月4日，市科委发布了关于兑付年度科技创新券的通知。"
    result = taxonomy.classify("科技一周要闻（12.1-12.7）", body)
    assert result.program_types == ("创新券与普惠补助",)
    assert [evidence.position for evidence in result.evidence] == ["body", "title"]


def test_main_type_comes_first(taxonomy: Taxonomy) -> None:
    """Types are ordered by position, then by where the words occur."""
    title = "关于征集未来产业加速器项目的通知"
    result = taxonomy.classify(title, "征集条件如下。\n本次征集与“创客中国”创业大赛报名同时进行。")
    assert result.program_types == ("未来产业与颠覆性技术", "孵化器与创业载体", "创新创业大赛")
    assert [evidence.position for evidence in result.evidence] == ["title", "title", "lead", "title"]


def test_repeated_title_is_not_the_lead(taxonomy: Taxonomy) -> None:
    """The lead begins after a title that the body repeats over several lines."""
    title = "关于举办行业交流的通知"
    body = "关于举办\n行业交流的通知\n各有关单位：\n现将《某市绿色算力行动方案》印发实施。"
    evidence = taxonomy.classify("【通知】" + title, body).evidence
    assert "lead" not in [item.position for item in evidence if item.kind == "genre"]
    assert taxonomy.classify(title, title).program_types == taxonomy.classify(title, "").program_types


@pytest.mark.parametrize(
    ("title", "body", "genre"),
    [
        pytest.param("新材料产业十件大事｜年度盘点", "", "汇编盘点", id="digest"),
        pytest.param("《某市孵化器生态白皮书》：数据篇", "", "规划报告", id="report"),
        pytest.param("一图读懂｜某产业行动方案", "", "政策解读", id="explanation"),
        pytest.param("【直播间】明天上午十点政策解读，欢迎预约", "", "活动预告", id="preview-before-explanation"),
        pytest.param("关于某批拟入库企业名单的公示", "", "公示公告", id="announcement"),
        pytest.param("国家级名单公示，我区上榜→", "", "企业产业报道", id="news-about-an-announcement"),
        pytest.param("关于印发《某产业发展行动方案》的通知", "", "政策文件", id="policy"),
        pytest.param("关于组织申报技术改造项目的通知", "", "申报通知", id="call"),
        pytest.param("市委常委会举行会议传达学习全会精神", "", "党政要闻", id="party"),
        pytest.param("以代码写诗｜产业菁英", "", "人物故事", id="person"),
        pytest.param("氢能论坛在沪举行", "", "活动报道", id="event"),
        pytest.param("人民日报头版｜科创高地拔节生长", "", "综述评论", id="review"),
        pytest.param("Nature｜科研团队提出新型电池", "", "科技成果报道", id="result"),
        pytest.param("热烈庆祝国庆节！", "", "文化科普与其他", id="culture"),
        pytest.param("又交付一艘运输船", "船厂今年第三艘。", "企业产业报道", id="default"),
        pytest.param(
            "聚力攻坚，再上台阶",
            "1月2日，市科委主任张三带队赴某集团调研并座谈。",
            "党政要闻",
            id="lead-decides",
        ),
    ],
)
def test_genre(taxonomy: Taxonomy, title: str, body: str, genre: str) -> None:
    """Each genre is recognised by the title, else by the lead."""
    assert taxonomy.classify(title, body).genre == genre


OTHER_TITLES = [
    ("汇编盘点", "科技一周｜省科技厅本周要闻", "", "week"),
    ("政策解读", "高企申报进入倒计时！这些问题您问我答", "", "questions-before-preview"),
    ("政策解读", "三部门发布《创新积分制工作指引》", "", "rules-in-the-news"),
    ("政策解读", "《某市促进成果转化条例》3月起施行", "", "in-force"),
    ("活动报道", "联合攻关计划成果发布会举行", "", "presentation-is-no-press-conference"),
    ("活动预告", "脑机接口创新大会下周举行，议程抢先看", "", "next-week"),
    ("活动预告", "这些亮点先睹为快", "大会将于7月在上海举行。", "preview-in-lead"),
    ("公示公告", "关于认定工程技术研究中心的通知", "", "notice-that-decides"),
    ("公示公告", "某应用大赛获奖名单公布", "", "winners"),
    ("申报通知", "某领军人才计划申报公告", "", "call-named-announcement"),
    ("申报通知", "【通知】市科委关于做好入库工作的通知", "", "any-other-notice"),
    ("党政要闻", "机关党支部开展主题党日活动", "", "party-day"),
    ("党政要闻", "某区召开专题会，研究产业政策", "", "council"),
    ("党政要闻", "走进车间问需求", "2月5日，市科委主任带队赴企业调研。", "official-without-a-name"),
    ("人物故事", "她，用三十年点亮一束光", "", "portrait"),
    ("活动报道", "国际力学学术会议在杭州召开", "", "conference"),
    ("综述评论", "新质生产力调研行｜为什么是常州", "", "column-named-survey"),
    ("科技成果报道", "复旦团队破解帕金森病关键机制", "", "team"),
    ("科技成果报道", "我国科学家首次实现千公里密钥分发", "", "first-time"),
    ("企业产业报道", "全区高新技术企业突破2000家", "", "number-is-no-breakthrough"),
    ("文化科普与其他", "元旦快乐", "", "greeting"),
]


@pytest.mark.parametrize(("genre", "title", "body"), [pytest.param(*case[:3], id=case[3]) for case in OTHER_TITLES])
def test_genre_of_other_titles(taxonomy: Taxonomy, genre: str, title: str, body: str) -> None:
    """A genre is recognised by its verb even if a word of another genre occurs."""
    assert taxonomy.classify(title, body).genre == genre


@pytest.mark.parametrize(
    ("title", "types"),
    [
        pytest.param("关于公布科普基地名单的通知", ("科普计划与基地",), id="title-alone"),
        pytest.param("", ("无",), id="nothing-at-all"),
    ],
)
def test_empty_body(taxonomy: Taxonomy, title: str, types: tuple[str, ...]) -> None:
    """Without a body the title decides, and an empty document is still classified."""
    result = taxonomy.classify(title, "")
    assert result.program_types == types
    assert result.genre in taxonomy.rules.genres


@pytest.mark.parametrize(
    "unit",
    [
        pytest.param("招商", id="one-unbroken-sentence"),
        pytest.param("高质量孵化器\n", id="only-headings"),
        pytest.param("《关于", id="only-openings"),
        pytest.param("一、", id="only-numbers"),
    ],
)
def test_long_input_returns(taxonomy: Taxonomy, unit: str) -> None:
    """200,000 characters without any structure, as a body and as a title, are classified."""
    text = (unit * 200_000)[:200_000]
    assert taxonomy.classify("标题", text).genre in taxonomy.rules.genres
    assert taxonomy.classify(text, text).genre in taxonomy.rules.genres


def test_user_file_adds_a_type(taxonomy: Taxonomy, tmp_path: Path) -> None:
    """A user's file adds types, and adds triggers to a type that exists."""
    own = tmp_path / "own.toml"
    own.write_text(
        '[[type]]\nname = "农业科技"\ngroup = "H 其他"\ndefinition = "种业与农机"\n'
        "trigger = [{ position = ['title'], pattern = '种业振兴', not = '论坛' }]\n"
        '[[type]]\nname = "科普计划与基地"\n'
        "trigger = [{ position = ['title'], pattern = '流动天文馆' }]\n",
        encoding="utf-8",
    )
    extended = Taxonomy.load(own)
    assert extended.rules.program_types == (*taxonomy.rules.program_types[:-1], "农业科技", "无")
    assert extended.classify("关于种业振兴项目的通知", "").program_types == ("农业科技",)
    assert extended.classify("种业振兴论坛举行", "").program_types == ("无",)
    assert extended.classify("流动天文馆来了", "").program_types == ("科普计划与基地",)
    assert taxonomy.classify("流动天文馆来了", "").program_types == ("无",)


HEAD = "[[type]]\nname = '农业科技'\ngroup = 'H'\ndefinition = '种业'\n"


@pytest.mark.parametrize(
    ("text", "rule", "fault"),
    [
        pytest.param("[[type", "", "cannot be read", id="not-toml"),
        pytest.param("typ = 1", "", "unknown key typ", id="unknown-table"),
        pytest.param("type = 1", "", "not a list of tables", id="type-is-no-table"),
        pytest.param("[[type]]\ngroup = 'H'", "type 1", "name", id="no-name"),
        pytest.param("[[type]]\nname = '农业科技'", "农业科技", "group", id="new-type-without-group"),
        pytest.param("[[type]]\nname = '无'", "无", "no type", id="reserved-name"),
        pytest.param(HEAD + "triger = []", "农业科技", "unknown key triger", id="misspelt-trigger"),
        pytest.param(HEAD + "trigger = [{ position = ['top'], pattern = 'x' }]", "农业科技", "position", id="position"),
        pytest.param(HEAD + "trigger = [{ pattern = 'x' }]", "农业科技", "position", id="no-position"),
        pytest.param(HEAD + "trigger = [{ position = ['body'] }]", "农业科技", "pattern", id="no-pattern"),
        pytest.param(
            HEAD + "trigger = [{ position = ['body'], pattern = 'x', nr = 1 }]",
            "农业科技",
            "nr",
            id="unknown-key",
        ),
        pytest.param(
            HEAD + "trigger = [{ position = ['body'], pattern = 'x', hits = '2' }]",
            "农业科技",
            "hits",
            id="hits",
        ),
        pytest.param(
            HEAD + "trigger = [{ position = ['body'], pattern = 'x', genre = ['y'] }]",
            "农业科技",
            "genre",
            id="genre",
        ),
        pytest.param(
            HEAD + "trigger = [{ position = ['body'], pattern = '种(业' }]",
            "农业科技",
            "pattern",
            id="broken-regex",
        ),
        pytest.param(
            HEAD + "trigger = [{ position = ['body'], pattern = '(种+)+' }]",
            "农业科技",
            "repeat",
            id="unbounded",
        ),
        pytest.param(
            HEAD + "trigger = [{ position = ['body'], pattern = 'x', near = '(种{0,9}){0,9}' }]",
            "农业科技",
            "repeat no group",
            id="nested-quantifier",
        ),
        pytest.param(
            HEAD + "trigger = [{ position = ['body'], pattern = 'x' }, { position = ['body'], pattern = 'x.{0,9}[' }]",
            "农业科技: trigger 2",
            "no regular expression",
            id="second-trigger",
        ),
        pytest.param(
            HEAD + "trigger = [{ position = ['body'], pattern = '种.{0,40}[^，]{0,40}业' }]",
            "农业科技",
            "side by side",
            id="adjacent-gaps",
        ),
        pytest.param(
            HEAD + "trigger = [{ position = ['body'], pattern = 'x', not = '种(.{0,60}业|农).{0,60}机.{0,60}械' }]",
            "农业科技",
            "more than 50,000 ways",
            id="gaps-multiply",
        ),
        pytest.param(
            HEAD + "trigger = [{ position = ['body'], pattern = '种{0,9}' }]",
            "农业科技",
            "empty",
            id="empty-match",
        ),
    ],
)
def test_bad_user_file(tmp_path: Path, text: str, rule: str, fault: str) -> None:
    """A rule file that cannot be used is refused by one error that names the file, the rule and the fault."""
    own = tmp_path / "own.toml"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(TaxonomyError) as caught:
        Taxonomy.load(own)
    message = str(caught.value)
    assert message.startswith(f"own.toml: {rule}")
    assert fault in message
    assert isinstance(caught.value, CorpusError)


def test_missing_user_file(tmp_path: Path) -> None:
    """A missing file is the same error."""
    with pytest.raises(TaxonomyError, match=r"absent\.toml: cannot be read: No such file"):
        Taxonomy.load(tmp_path / "absent.toml")


def test_user_file_in_another_encoding(tmp_path: Path) -> None:
    """A file that is not UTF-8 is refused by a message that says what to do."""
    own = tmp_path / "own.toml"
    own.write_bytes("# 我的类型".encode("gb18030"))
    with pytest.raises(TaxonomyError, match=r"own\.toml: cannot be read: save the file as UTF-8"):
        Taxonomy.load(own)


def _plain(text: str | None) -> str:
    """The text of a record after the cleaning that the triggers expect."""
    return html.unescape(text or "").replace("\xa0", " ").replace("\r", "\n")


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the labelled articles are not here")
def test_scores_on_labelled_articles(taxonomy: Taxonomy) -> None:
    """On the labelled articles, micro-F1 of the types and accuracy of the genre stay at 0.90 or above."""
    articles = {}
    for path in sorted((SHARED / "seeds").glob("00[012]*")):
        for record in json.loads(path.read_text(encoding="utf-8")):
            articles[record["文章标识符aid"]] = (_plain(record["标题title"]), _plain(record["finalContent"]))
    right = missed = extra = genres = count = 0
    for line in (SHARED / "gold" / "labels_dev.jsonl").read_text(encoding="utf-8").splitlines():
        label = json.loads(line)
        if label["aid"] not in articles:
            continue  # a book, which is classified by section
        result = taxonomy.classify(*articles[label["aid"]])
        given, wanted = set(result.program_types), set(label["program_type"])
        right += len(given & wanted)
        missed += len(wanted - given)
        extra += len(given - wanted)
        genres += result.genre == label["genre"]
        count += 1
    assert count > 100
    assert 2 * right / (2 * right + missed + extra) >= 0.90
    assert genres / count >= 0.90


def test_packaged_rules_name_no_article() -> None:
    """No alternative of a packaged pattern is as long as a title, so that no rule matches a single article."""
    table = tomllib.loads(PACKAGED_TAXONOMY.read_text("utf-8"))
    for entry in (*table["type"], *table["genre"]):
        for trigger in entry.get("trigger", []):
            assert max(map(len, trigger["pattern"].split("|"))) < 60, entry["name"]
