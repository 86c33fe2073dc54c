"""A small invented collection in several formats, and the edits that an incremental run must follow."""

from __future__ import annotations

import csv
import io
import json
import os
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from email.message import EmailMessage
from itertools import count
from pathlib import Path
from typing import Final

ACCOUNTS: Final = ("江湾经信", "东岸科创", "")
_TEXTS: Final = (
    "为推进近岸海域观测站网建设，现就今年的潮汐普查工作通知如下。各单位应当于月底之前报送站点清单，并附上仪器检定证书。"
    "观测人员须经过培训，夜间值守不得少于两人，数据按日汇总后上传至市级平台，由专人复核并保存纸质底稿三年以上备查。",
    "全区新增三家概念验证中心，面向企业开放中试平台，首批设备已经到位，预约电话另行公布，运行经费由三方共同承担。"
    "平台实行理事会管理，年度预算公开，服务价格不高于成本，优先保障初创团队的需求，成果转化收益按约定的比例分配。",
    "山区雨量站的改造进入第二阶段，共更换传感器一百二十套，通信链路改为双路备份，断电后可以继续工作七十二小时。"
    "沿河各村设立了预警广播，由村民小组长负责转达，汛期每周测试一次，发现故障须在两小时之内上报并安排人员抢修。",
)
_TAILS: Final = ("", "\n\n↓分享\n↓点赞", "\n\n欢迎转发，请注明来自“江湾经信”", "\n\n长按关注公众号")


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article: its number and account identify it; the edition and the tail change its text."""

    number: int
    edition: int = 0
    tail: int = 1

    @property
    def account(self) -> str:
        """The account, one of three."""
        return ACCOUNTS[self.number % len(ACCOUNTS)]

    @property
    def title(self) -> str:
        """The title, which tells editions from 3 on."""
        return f"第{self.number}号简报" + ("（更新）" if self.edition > 2 else "")

    @property
    def text(self) -> str:
        """A text that many articles share but for a sentence, so that there are copies, and boilerplate below it."""
        own = f"本期编号为甲{self.number}字。" if self.number % 4 == 0 else ""
        short = self.edition == 2
        body = "短讯。" if short else _TEXTS[self.number % 2 + (self.edition == 1)]
        return f"{body}{own}{_TAILS[self.tail]}"

    @property
    def record(self) -> dict[str, str]:
        """The article as exporters write it."""
        day = "昨天" if self.edition == 3 else f"2025-0{self.number % 8 + 1}-15"
        return {
            "aid": str(self.number),
            "title": self.title,
            "content": self.text,
            "account": self.account,
            "date": day,
        }


Articles = list[Article]


def _json(articles: Articles) -> bytes:
    return json.dumps([article.record for article in articles], ensure_ascii=False).encode()


def _lines(articles: Articles) -> bytes:
    return "".join(json.dumps(article.record, ensure_ascii=False) + "\n" for article in articles).encode()


def _csv(articles: Articles) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, ["aid", "title", "content", "account", "date"])
    writer.writeheader()
    writer.writerows(article.record for article in articles)
    return out.getvalue().encode()


def _markdown(articles: Articles) -> bytes:
    return "\n\n".join(f"# {article.title}\n\n{article.text}" for article in articles).encode()


def _plain(articles: Articles) -> bytes:
    return "\n".join(f"{article.title}\n{article.text}" for article in articles).encode()


def _page(articles: Articles) -> bytes:
    inner = "".join(f"<h1>{article.title}</h1><p>{article.text}</p>" for article in articles)
    return f"<html><head><title>页</title></head><body>{inner}</body></html>".encode()


def _zip(articles: Articles) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("导出/一.json"), _json(articles[::2]))
        archive.writestr(zipfile.ZipInfo("导出/二.txt"), _plain(articles[1::2]))
    return out.getvalue()


def _mail(articles: Articles) -> bytes:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["MIME-Version"] = "转发简报", "a@example.org", "1.0"
    mail.set_content("各位：附件请查收。")
    for number, article in enumerate(articles):
        mail.add_attachment(_plain([article]), maintype="text", subtype="plain", filename=f"附件{number}.txt")
    mail.set_boundary("=-边界-=".encode().hex())
    return mail.as_bytes()


FORMATS: Final[dict[str, Callable[[Articles], bytes]]] = {
    "json": _json,
    "jsonl": _lines,
    "csv": _csv,
    "md": _markdown,
    "txt": _plain,
    "html": _page,
    "zip": _zip,
    "eml": _mail,
}
SUFFIXES: Final = tuple(FORMATS)
#: Kind of the edit, and three numbers that choose what is edited.
Edit = tuple[str, int, int, int]
KINDS: Final = (
    *("add", "add", "add first", "change", "tail", "account tail", "delete", "move", "copy", "copy changed"),
    *("rename", "touch", "split", "merge", "empty", "remove file", "new file", "reorder", "drop", "swap", "break"),
)


class Sources:
    """Files in two folders, which edits change; `paths` are the sources to be indexed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, Articles] = {}
        self._broken: set[str] = set()
        self._order = 0
        self._dropped = 0
        self._names = count()
        self._times = count(1_600_000_000)
        for name, number in (("甲", 0), ("乙", 3)):
            (folder / name).mkdir(parents=True)
            (folder / name / "常在.txt").write_text(f"常在的文件{name}\n{_TEXTS[number // 3]}", "utf-8")
        self._write("甲/底.json", [Article(number=number) for number in range(12)])

    @property
    def paths(self) -> list[Path]:
        """The sources in their present order."""
        paths = [self._folder / "甲", self._folder / "乙"]
        if self._order % 2:
            paths.reverse()
        return paths[1:] if self._dropped % 2 else paths

    def apply(self, edit: Edit) -> None:
        """Change the files."""
        kind, *numbers = edit
        first, second, third = numbers
        names = list(self._files)
        if kind == "reorder":
            self._order += 1
        elif kind == "drop":
            self._dropped += 1
        elif not names or kind == "new file":
            self._new(SUFFIXES[first % len(SUFFIXES)], [Article(number=second % 12), Article(number=third % 12)])
        else:
            self._apply_to(kind, names[first % len(names)], names[second % len(names)], third)

    def _apply_to(self, kind: str, name: str, other: str, number: int) -> None:
        articles, others = self._files[name], self._files[other]
        at = number % len(articles) if articles else 0
        article = articles[at] if articles else Article(number=number % 12)
        if kind == "add":
            self._write(name, [*articles, Article(number=number % 12)])
        elif kind == "add first":
            self._write(name, [Article(number=number % 12), *articles])
        elif kind == "change":
            self._write(name, _put(articles, at, replace(article, edition=(article.edition + 1 + number) % 4)))
        elif kind == "tail":
            self._write(name, _put(articles, at, replace(article, tail=(article.tail + 1) % len(_TAILS))))
        elif kind == "account tail":
            for each, found in list(self._files.items()):
                tail = number % len(_TAILS)
                self._write(each, [replace(a, tail=tail) if a.account == article.account else a for a in found])
        elif kind == "delete":
            self._write(name, articles[:at] + articles[at + 1 :])
        elif kind == "move" and name != other:
            self._write(name, articles[:at] + articles[at + 1 :])
            self._write(other, [article, *others])
        elif kind == "copy":
            self._write(other, [*others, article])
        elif kind == "copy changed":
            self._write(other, [*others, replace(article, edition=(article.edition + 1) % 4)])
        elif kind == "swap" and name != other:
            self._write(name, others)
            self._write(other, articles)
        else:
            self._apply_to_file(kind, name, other, number)

    def _apply_to_file(self, kind: str, name: str, other: str, number: int) -> None:
        articles = self._files[name]
        if kind == "rename":
            self._remove(name)
            self._new(name.rsplit(".", 1)[1], articles)
        elif kind == "touch":
            os.utime(self._folder / name, (next(self._times),) * 2)
        elif kind == "split":
            self._write(name, articles[: len(articles) // 2])
            self._new(SUFFIXES[number % len(SUFFIXES)], articles[len(articles) // 2 :])
        elif kind == "merge" and name != other:
            self._remove(name)
            self._write(other, [*self._files[other], *articles])
        elif kind == "empty":
            self._write(name, [])
        elif kind == "remove file":
            self._remove(name)
        elif kind == "break":
            self._broken ^= {name}
            self._write(name, articles)

    def _new(self, suffix: str, articles: Articles) -> None:
        number = next(self._names)
        self._write(f"{'甲乙'[number % 2]}/文件{number % 5}{'x' * (number // 5)}.{suffix}", articles)

    def _remove(self, name: str) -> None:
        del self._files[name]
        self._broken.discard(name)
        (self._folder / name).unlink()

    def _write(self, name: str, articles: Articles) -> None:
        self._files[name] = articles
        content = FORMATS[name.rsplit(".", 1)[1]](articles)
        (self._folder / name).write_bytes(content[: len(content) * 2 // 3] if name in self._broken else content)


def _put(articles: Articles, at: int, article: Article) -> Articles:
    return [*articles[:at], article, *articles[at + 1 :]]


def apply_all(sources: Sources, edits: Iterable[Edit]) -> None:
    """Apply several edits."""
    for edit in edits:
        sources.apply(edit)
