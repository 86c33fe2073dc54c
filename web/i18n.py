"""The words of the pages: Chinese first, English on request, in one table.

The language is a parameter of every link (``lang=en``), never a cookie; texts hold no markup.
"""

from __future__ import annotations

from typing import Final, Literal

from corpus.fields import FACETS

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")

#: key → (Chinese, English). Numbers go in ready-made, see `Words.__call__`.
TEXTS: Final[dict[str, tuple[str, str]]] = {
    # every page
    "name": ("科搜", "Kesou"),
    "tagline": ("政策与科技文献全文检索", "Full-text search for Chinese policy and science texts"),
    "to_start": ("科搜首页", "Kesou, start page"),
    "other_language": ("English", "中文"),
    "skip": ("跳到正文", "Skip to the content"),
    "query_label": ("检索词", "Search terms"),
    "query_hint": ("输入词语、句子或“引文”", "Words or a “quotation”"),
    "search": ("搜索", "Search"),
    "suggestions": ("搜索建议", "Suggestions"),
    "suggested_count": ("{count} 条建议，用上下方向键选择", "{count} suggestions, use the arrow keys"),
    "suggested_term": ("词", "Term"),
    "suggested_title": ("文章", "Document"),
    "index_line": (
        "索引第 {generation} 版 · {documents} 篇 · {characters} 字",
        "Index no. {generation} · {documents} documents · {characters} characters",
    ),
    # what is covered
    "covered": ("收录 {documents} 篇文档、{characters} 字", "{documents} documents, {characters} characters"),
    "covered_dates": ("日期从 {first} 到 {last}", "dated {first} to {last}"),
    "covered_promise": (
        "逐字检索，引号内的文字一字不差。",
        "Every character is searched; quoted text is matched to the letter.",
    ),
    "no_documents": ("索引里还没有文档。", "The index has no documents yet."),
    "newest": ("最新收录", "Newest"),
    "browse_all": ("浏览全部 {count} 篇", "Browse all {count}"),
    "browse_by": ("分类浏览", "Browse"),
    # how to write a query
    "tools": ("帮助与语言", "Help and language"),
    "help": ("检索写法", "How to write a query"),
    "help_all": ("全部写法", "All of the query language"),
    "help_lead": (
        "直接输入词语或一句话就能检索；下面的写法让检索更准。点一下例子就能试。",
        "Words or a sentence will do; these signs make a query more precise. Every example can be tried.",
    ),
    "help_terms": ("词与句", "Words and strings"),
    "help_fields": ("限定范围", "Fields"),
    "help_helpers": ("自动帮忙", "What helps by itself"),
    "help_helpers_note": (
        "每次都会说明怎样检索，点一下就能改回原样；加引号的文字从不改动。",
        "Each is told and undone with one click; quoted text is never touched.",
    ),
    "help_words": (
        "包含每个词的在前，用词相近的另列在后",
        "documents with every term first, then related ones",
    ),
    "help_quotes": ("原文中一字不差的字符串，长短不限", "exactly this string, of any length"),
    "help_not": ("不包含减号后的词；也可写 NOT", "without the term after the minus; NOT does the same"),
    "help_or": ("两个词有一个就行；OR 要大写，也可写 |", "one or the other; OR in capitals, or |"),
    "help_group": ("括号里先算", "brackets go first"),
    "help_prefix": ("以这些字母或字开头的词，至少两个字符", "words that begin so, from two characters on"),
    "help_title": ("只在标题里找", "in titles only"),
    "help_date": (
        "某年、某月或某天：2025、2025-10、2025-10-09",
        "a year, a month or a day: 2025, 2025-10, 2025-10-09",
    ),
    "help_dates": ("从哪天到哪天，两端都算", "from one to another, both included"),
    "help_account": ("公众号名称里有这几个字", "accounts with this in their names"),
    "help_type": ("计划类型名称里有这几个字", "program types with this in their names"),
    "help_genre": ("体裁名称里有这几个字", "genres with this in their names"),
    "help_source": ("文中注明的来源名称里有这几个字", "sources named in the text with this in their names"),
    "help_forms": ("繁简、全角半角、大小写都当作一样", "traditional characters, full width and capitals are all one"),
    "help_pinyin": ("拼音，连写或分写", "pinyin, in one word or apart"),
    "help_typo": ("错别字，改成语料里确有的写法", "slips of the pen, corrected to what the texts have"),
    "help_synonym": ("简称与全称一起找", "short and full names together"),
    # results
    "results": ("检索结果", "Results"),
    "all_documents": ("全部文档", "All documents"),
    "title_results": ("{query} - 科搜", "{query} - Kesou"),
    "total_documents": ("{count} 篇", "{count} documents"),
    "total_exact": ("精确 {count}", "Exact {count}"),
    "total_related": ("相关 {count}", "Related {count}"),
    "mode": ("检索方式", "How to search"),
    "mode_terms": ("按词", "By terms"),
    "mode_phrase": ("整句原样", "As one phrase"),
    "tier_exact": ("精确", "Exact"),
    "tier_exact_note": ("包含全部检索词", "every term occurs as written"),
    "tier_related": ("相关", "Related"),
    "tier_related_note": (
        "不含全部检索词，按用词接近的程度排列",
        "not every term occurs; ordered by shared words",
    ),
    "sort": ("排序", "Sort"),
    "sort_relevance": ("相关度", "Relevance"),
    "sort_newest": ("最新", "Newest"),
    "sort_oldest": ("最早", "Oldest"),
    "matches": ("{count} 处匹配", "{count} matches"),
    "one_match": ("1 处匹配", "1 match"),
    "original": ("原文", "Original"),
    "no_date": ("日期不详", "No date"),
    "page_in_source": ("第 {page} 页", "p. {page}"),
    "applied_title": ("已为你这样检索", "Searched as"),
    "applied_pinyin": ("拼音", "Pinyin"),
    "applied_typo": ("更正", "Correction"),
    "applied_synonym": ("同义词", "Synonym"),
    "applied_traditional": ("繁简", "Traditional"),
    "applied_width": ("全角半角", "Full width"),
    "undo": ("按原样检索", "search as typed"),
    "undo_synonym": ("不用同义词", "without synonyms"),
    "fold_note": ("两种写法总是一起检索", "both are always found"),
    "undo_traditional": ("不再提示", "do not tell"),
    "undo_width": ("不再提示", "do not tell"),
    "helpers_off": ("已关闭", "Switched off"),
    "redo": ("重新启用", "use again"),
    "did_you_mean": ("您是不是要找", "Did you mean"),
    "problem_open_quote": (
        "引号没有配对，后面的文字都当作引文",
        "A quotation mark is not closed; what follows is taken as quoted",
    ),
    "problem_empty_term": ("这里没有可以检索的文字", "There is nothing to search for here"),
    "problem_empty_query": ("没有可以检索的文字", "There is nothing to search for"),
    "problem_too_many_terms": ("只检索前 {terms} 个词", "Only the first {terms} terms are searched"),
    "problem_too_long": ("只检索前 {chars} 个字", "Only the first {chars} characters are searched"),
    "problem_unbalanced": (
        "括号没有配对，已略去或按文字处理",
        "A bracket has no partner; it is left out or taken as text",
    ),
    "problem_dangling": (
        "运算符缺少连接的对象，按文字检索",
        "This operator has nothing to join; it is searched as a word",
    ),
    "problem_empty_field": (
        "字段后没有内容，已略去；请把内容紧接在冒号后",
        "This field has no value and is left out; write the value directly after the colon",
    ),
    "problem_bad_date": (
        "没有这样的日期，按文字检索；可写 2025、2025-10、2025-10-09、2025-09..2025-12",
        "There is no such date, so it is searched as text; write 2025, 2025-10, 2025-10-09 or 2025-09..2025-12",
    ),
    "problem_reversed_range": ("日期范围前后颠倒，已对调", "The range ends before it begins; its ends are swapped"),
    "problem_short_prefix": (
        "前缀至少两个字符，已按普通词检索",
        "A prefix needs two characters; it is searched as a word",
    ),
    "problem_too_deep": ("括号嵌套过深，更深的括号已略去", "Brackets are nested too deep; deeper ones are left out"),
    "problem_bar_text": (
        "检索式像一个标题，竖线按文字处理；要“或”请写 OR",
        "The query reads like a title, so its bars are text; write OR for one or the other",
    ),
    "problems_title": ("检索式有一处没能照写的执行", "Part of the query could not be taken as written"),
    # what a document says of itself
    "facts": ("要点", "Key facts"),
    "fact_deadline": ("截止", "Deadline"),
    "fact_is_past": ("已过", "past"),
    "fact_today": ("今天", "today"),
    "fact_tomorrow": ("明天", "tomorrow"),
    "fact_days_left": ("还有 {count} 天", "{count} days left"),
    "fact_more": ("等 {count} 个日期", "{count} dates in all"),
    "fact_issuers": ("发文机关", "Issued by"),
    "fact_number": ("文号", "Document no."),
    "fact_cited": ("提到的文件", "Cites"),
    "fact_issued_on": ("成文日期", "Dated"),
    "fact_notice": ("公示期", "Notice period"),
    "fact_source": ("来源", "Source"),
    "fact_reposted": ("转自", "Reposted from"),
    "find_number": ("检索提到这个文号的文章", "Find the documents that name it"),
    "has_copies": ("另有相近文本", "Similar text elsewhere"),
    "is_copy": ("与较早的一篇相近", "Similar to an earlier text"),
    "copies": ("相同或相近的文本", "The same or nearly the same text"),
    "is_earliest": ("最早", "earliest"),
    "alike": ("相似 {percent}%", "{percent} % alike"),
    "related": ("相关文章", "Related documents"),
    "find_related": ("查找相关文章", "Find related documents"),
    "no_related": ("没有足够相近的文章。", "No other document is near enough."),
    "notes": ("署名与出处", "Credits and sources"),
    # filters
    "filters": ("筛选", "Filters"),
    "filters_on": ("筛选（已选 {count} 项）", "Filters ({count} selected)"),
    "selected": ("已选条件", "Selected filters"),
    "clear_all": ("全部清除", "Clear all"),
    "remove": ("去掉", "Remove"),
    "is_selected": ("已选", "selected"),
    "more_values": ("其余 {count} 项", "{count} more"),
    **{f"facet_{name}": (spec.chinese, spec.english.capitalize()) for name, spec in FACETS.items()},
    "no_value": ("未注明", "Not stated"),
    "dates": ("日期范围", "Dates"),
    "date_from": ("从", "From"),
    "date_to": ("到", "To"),
    "date_since": ("{day} 起", "from {day}"),
    "date_until": ("至 {day}", "to {day}"),
    "apply": ("应用", "Apply"),
    # paging
    "pages": ("翻页", "Pages"),
    "page": ("第 {page} 页", "Page {page}"),
    "previous": ("上一页", "Previous"),
    "next": ("下一页", "Next"),
    "beyond_end": ("没有第 {page} 页", "There is no page {page}"),
    "beyond_end_note": (
        "共 {count} 篇，到第 {last} 页为止。",
        "There are {count} documents on {last} pages.",
    ),
    "to_first_page": ("回到第 1 页", "Go to page 1"),
    "to_last_page": ("去最后一页", "Go to the last page"),
    # nothing found
    "nothing": ("没有找到", "Nothing found"),
    "nothing_unfiltered": (
        "逐字查过整个索引，没有一篇符合。",
        "The whole index was searched; no document matches.",
    ),
    "nothing_filtered": (
        "逐字查过整个索引，没有一篇同时符合检索词和所选条件。",
        "The whole index was searched; no document matches both the query and the filters.",
    ),
    "why": ("为什么", "Why"),
    "why_missing": ("没有一篇文档含有 {term}。", "No document has {term}."),
    "why_apart": ("{term} 各有文档，但从不在同一篇里。", "{term} each occur, but never in one document."),
    "why_filtered": (
        "{term} 有文档，但都不符合筛选条件。",
        "There are documents with {term}, but none passes the filters.",
    ),
    "why_together": (
        "每个词都有文档，但没有一篇满足全部条件。",
        "Every term occurs, but no document meets all conditions.",
    ),
    "and_between": (" 与 ", " and "),
    "term": ("检索词", "Term"),
    "in_documents": ("含有它的文档", "Documents with it"),
    "pass_filters": ("其中符合筛选条件", "Of these pass the filters"),
    "near_forms": ("索引里有的相近写法", "Near forms that do occur"),
    "near_form": ("{form}：{count} 篇", "{form}: {count} documents"),
    "proof": ("查了什么", "What was searched"),
    "searched_documents": ("查过文档（篇）", "Documents searched"),
    "searched_characters": ("查过文字（字）", "Characters searched"),
    "searched_dates": ("文档日期", "Dates of the documents"),
    "try": ("可以试试", "What you can try"),
    "all_filters": ("全部筛选条件", "all filters"),
    "try_without": ("去掉 {part}：有 {count} 篇", "Without {part}: {count} documents"),
    "try_terms": ("按词检索：有 {count} 篇", "Search by terms: {count} documents"),
    "try_fewer": (
        "少用一个词，或去掉引号，或换个说法",
        "Use fewer terms, drop the quotes, or say it differently",
    ),
    "try_browse": ("浏览全部文档", "Browse all documents"),
    # one article
    "back": ("返回检索结果", "Back to the results"),
    "contents": ("目录", "Contents"),
    "unfold": ("展开“{title}”", "Show what is below “{title}”"),
    "headings": ("{count} 个标题", "{count} headings"),
    "first_match": ("第一处", "First"),
    "previous_match": ("上一处", "Previous"),
    "next_match": ("下一处", "Next"),
    "to_next_match": ("到下一处匹配", "To the next match"),
    "no_match_here": ("本文没有匹配的文字。", "No match in this document."),
    "image_only": (
        "这篇文章主要是图片，可检索的文字很少。",
        "This article is mostly pictures; little of it can be searched.",
    ),
    "empty": ("这篇文章只有标题，没有正文。", "This article has a title and no text."),
    "unsafe_link": (
        "链接（不是网页地址，未设为可点击）",
        "Link (not a web address, so it cannot be followed)",
    ),
    "table": ("表格", "Table"),
    "to_top": ("回到顶部", "Back to the top"),
    # errors: a title and a sentence for each
    "error_400": ("这个请求不能执行", "This request cannot be answered"),
    "error_404": ("没有这个页面", "There is no such page"),
    "error_405": ("不支持这种请求方法", "This method is not supported"),
    "error_413": ("请求内容太大", "The request is too large"),
    "error_503": ("索引暂时不能用", "The index cannot be used at present"),
    "error_500": ("出了意料之外的错误", "Something unexpected went wrong"),
    "error_http": ("这个请求没有成功", "The request did not succeed"),
    "bad_request": ("检索请求有不能执行的部分。", "A part of the request cannot be carried out."),
    "bad_encoding": ("网址不是有效的 UTF-8 文字。", "The address is not valid UTF-8."),
    "bad_host": (
        "这个主机名不在允许之列（设置项 trusted_hosts）。",
        "This host name is not allowed (see the setting trusted_hosts).",
    ),
    "too_many_parameters": ("参数超过 {limit} 个。", "There are more than {limit} parameters."),
    "unknown_parameter": (
        "有不认识的参数；可用的有 {names}。",
        "There is an unknown parameter; known ones are {names}.",
    ),
    "repeated_parameter": ("参数 {name} 只能出现一次。", "The parameter {name} may be given only once."),
    "bad_flag": ("参数 {name} 只能是 0 或 1。", "The parameter {name} must be 0 or 1."),
    "bad_choice": ("参数 {name} 只能是 {choices} 之一。", "The parameter {name} must be one of {choices}."),
    "bad_number": (
        "参数 {name} 须是 1 到 {limit} 的整数。",
        "The parameter {name} must be a whole number from 1 to {limit}.",
    ),
    "bad_date": (
        "参数 {name} 须是实际的日期，写作 2025-06-30。",
        "The parameter {name} must be a real date, written 2025-06-30.",
    ),
    "bad_month": (
        "参数 {name} 须是月份，写作 2025-06。",
        "The parameter {name} must be a month, written 2025-06.",
    ),
    "bad_range": ("起始日期晚于截止日期。", "The first day is later than the last day."),
    "too_long": (
        "参数 {name} 的一个值超过 {limit} 个字。",
        "A value of the parameter {name} has more than {limit} characters.",
    ),
    "not_found": (
        "地址有误，或者文档已不在当前索引里。",
        "The address is wrong, or the document is no longer in the index.",
    ),
    "method": ("只用 GET 读取。", "Use GET."),
    "too_large": ("请求内容超过 {limit} 字节。", "The request has more than {limit} bytes."),
    "index_missing": (
        "索引文件夹里还没有索引。请先用 search-index 建立，然后刷新本页。",
        "There is no index in the folder yet. Make one with search-index, then reload this page.",
    ),
    "index_damaged": (
        "索引文件有缺损，为免给出不完整的结果，检索已停止。请用 search-index 重建，然后刷新本页。",
        "A file of the index is damaged, so searching stopped rather than miss documents. "
        "Rebuild it with search-index and reload this page.",
    ),
    "reindex_needed": (
        "索引是按另一套分词规则建立的。请用 search-index 重建，然后刷新本页。",
        "The index was made with other rules for tokens. Rebuild it with search-index and reload this page.",
    ),
    "index_unavailable": (
        "索引现在打不开。请看服务器的日志，或用 search-index 重建。",
        "The index cannot be opened now. See the server's log, or rebuild it with search-index.",
    ),
    "internal": (
        "错误已记入服务器的日志。请重试，或换一种写法。",
        "It was written to the server's log. Try again, or put it differently.",
    ),
    "http": ("服务器没有接受这个请求。", "The server did not accept the request."),
    "to_start_page": ("回到首页", "Go to the start page"),
}


def number(value: int) -> str:
    """A count with a comma at every third digit."""
    return f"{value:,}"


class Words:
    """The texts in one language: ``words("total_exact", count=3)``."""

    def __init__(self, language: Language) -> None:
        self.language: Language = language
        self.tag: Final = "zh-Hans" if language == "zh" else "en"
        self._column = LANGUAGES.index(language)

    def __call__(self, key: str, **values: int | str) -> str:
        """The text of a key with its values put in; whole numbers get their commas."""
        ready = {name: number(value) if isinstance(value, int) else value for name, value in values.items()}
        return TEXTS[key][self._column].format(**ready)

    def knows(self, key: str) -> bool:
        """True if there is a text of that key."""
        return key in TEXTS
