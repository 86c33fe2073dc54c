"""Recognises texts that replace an article that was not downloaded: exporters' placeholders, WeChat's error pages."""

from __future__ import annotations

import re
from typing import Final

#: Texts that exporters write in place of an article they could not fetch. (FORMATS of the common exporters)
PLACEHOLDERS: Final = (
    "获取全文失败",
    "[付费文章]",
    "[付费内容]",
    "(unknown)",
)
_MAX_PLACEHOLDER: Final = 120
_MAX_NOTICE: Final = 300
_THIS: Final = "(?:此|该|本|当前|原)?"
_THING: Final = "(?:内容|文章|图文|视频|音频|消息|素材|页面|网页|链接|网址|[帐账]号|公众号|订阅号|小程序)"
#: A sentence of an error page that says that there is nothing.
_NOTICE: Final = re.compile(
    rf"{_THIS}{_THING}(?:已经?)?(?:被|由)(?:发布者|作者|原作者|发送人|群发|运营者|用户|平台|微信)?(?:投诉并?)?(?:删除|屏蔽|撤回|封禁|冻结|停用)"
    rf"|{_THIS}{_THING}(?:已|不存在|已?失效|已?过期|不可见|暂时)(?:删除|失效|过期|下线|下架|不可见)?"
    rf"|{_THIS}{_THING}[^。\n]{{0,24}}(?:无法|不能|不可|暂不支持)(?:查看|访问|打开|浏览|显示|阅读)"
    rf"|{_THIS}(?:[帐账]号|公众号|订阅号)(?:已经?|因)[^。\n]{{0,16}}(?:屏蔽|注销|迁移|冻结|封禁|回收|停用)[^。\n]{{0,12}}"
    rf"|原?[帐账]号迁移时未将文章素材同步至新[帐账]号|根据作者隐私设置|无法查看{_THIS}{_THING}|(?:已)?停止访问{_THIS}网页"
    r"|参数错误|(?:当前)?环境异常|链接已?过期|访问(?:过于|太)?频繁|操作(?:过于|太)?频繁|系统(?:出错|错误|繁忙)"
    r"|请在微信(?:客户端)?(?:中)?打开(?:链接|此网页)?"
    r"|(?:The|This) (?:content|article|account) (?:has been|is|was|cannot be)\b[^.\n]{0,60}"
)
#: What stands below it.
_BELOW: Final = re.compile(
    rf"(?:请?完成验证后?即可继续访问|(?:去)?验证|请?稍后(?:再试|重试)|我?知道了|返回|确定|提示(?:信息)?|查看(?:对应|相关)?规则|轻触查看原文"
    rf"|(?:由|接|经)[^。\n]{{0,40}}(?:投诉|审核)[^。\n]{{0,90}}|涉嫌[^。\n]{{0,40}}|(?:此|该){_THING}?(?:违反|涉嫌)[^。\n]{{0,40}}"
    rf"|微信公众平台(?:运营中心)?|微信|如有疑问[^。\n]{{0,30}}|查看该?公众号|请关注新[帐账]号|[^。\n]{{0,12}}对应规则"
    r"|Weixin Official Accounts Platform[\w ]{0,30}|violating [a-z ]{4,60})"
)
_CLAUSES: Final = re.compile(r"[\s。！!？?，,；;：:…~～.]+")


def placeholder_in(text: str) -> str | None:
    """The placeholder or notice that stands for the whole text, if one does; a text that quotes one has more to say."""
    if len(text) <= _MAX_PLACEHOLDER:
        found = next((mark for mark in PLACEHOLDERS if text.startswith(mark)), None)
        if found is not None:
            return found
    if not 0 < len(text) <= _MAX_NOTICE:
        return None
    is_notice = False
    rest = text
    for pattern in (_NOTICE, _BELOW):  # whole lines first: some sentences hold blanks or commas
        lines = [line.strip().rstrip("。.") for line in rest.split("\n") if line.strip()]
        is_notice = is_notice or (pattern is _NOTICE and any(map(pattern.fullmatch, lines)))
        rest = "\n".join(line for line in lines if not pattern.fullmatch(line))
    clauses = [clause for clause in _CLAUSES.split(rest) if clause]
    is_notice = is_notice or any(map(_NOTICE.fullmatch, clauses))
    if is_notice and all(_NOTICE.fullmatch(clause) or _BELOW.fullmatch(clause) for clause in clauses):
        return text.split("\n", 1)[0][:60]
    return None
