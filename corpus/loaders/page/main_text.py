"""Finds the article of a page: by the containers that sites use, else by the density of running text."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from corpus.loaders.page.tree import BLOCKS, Element, is_hidden, names_of, own_text
from corpus.loaders.page.wechat import ASIDES

#: Where articles stand, best first: WeChat's page and what exporters make of it; systems of government sites; news
#: portals, blogs, forums, universities; elements that say so.
_PLACES: Final = (
    *("#js_content", "#js_text_desc", "#js_image_desc", ".item_show_type_*", ".TRS_Editor", "#UCAP-CONTENT"),
    *(".trs_editor_view", ".TRS_UEDITOR", ".trs_paper_default", "#zoom", "#Zoom", ".pages_content"),
    *("#articleContent", "#article_content", "#artibody", "#article-content", ".wp_articlecontent", ".v_news_content"),
    *(".article-content", ".article_content", ".article-body", ".articleContent", "#endText", "#ArticleContent"),
    *(".Post-RichTextContainer", ".RichContent-inner", ".entry-content", ".post-content", ".post_content", ".t_f"),
    *(".content-detail", ".xxgk_content", "#info_content", "=articleBody", "article", "main", "=main"),
    *("#js_article", ".__page_content__"),
)
_RANKS: Final = {place: rank for rank, place in enumerate(_PLACES)}
#: An element with little text is no article where another has more by this factor.
_LITTLE: Final = 5
#: What the names of menus, footers and the like are made of.
_FURNITURE: Final = re.compile(
    r"^\s?header\s?$|(?:^|[\s_-])(?:nav|navbar|navi|navigation|menu|breadcrumbs?|crumbs?|footer|foot|copyright|sidebar|aside|related"
    r"|recommend(?:ed|ation)?|share|social|toolbar|tools?|comments?|login|search|friend-?links?|pagination|pager|ads?"
    r"|banner|logo|hot|rank(?:ing)?|topbar|(?:site|page|app|top)-?header|pos|position|dqwz|ewm|qrcode|tags?|prev-?next)(?:$|[\s_-])",
    re.IGNORECASE,
)
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_FURNITURE_TAGS: Final = frozenset(("nav", "footer", "aside"))
_ROLES: Final = frozenset(("navigation", "contentinfo", "banner", "complementary", "search"))
#: More than this share of a page's text is no menu, whatever it is called.
_MAX_FURNITURE: Final = 0.5
#: The smallest element with this share of the running text is the article.
_DENSE: Final = 0.65
#: A paragraph has so many characters outside links, or ends a sentence.
_MIN_CHARS: Final = 20
#: With less running text than this nothing is dense.
_MIN_RUNNING: Final = 60
#: What an article may be: not one paragraph, nor a part of a table.
_HOLDERS: Final = frozenset(
    ("div", "section", "article", "main", "td", "form", "center", "body", "table", "tbody", "tr")
)
_SENTENCE: Final = re.compile("[。！？；，]")


def main_elements(soup: Element) -> list[Element]:
    """The elements that hold the article, in the order of the page; the body where nothing tells it."""
    sizes = _Sizes(soup)
    places: dict[int, list[Element]] = {}
    for tag in soup.find_all(True):
        rank = _rank(tag)
        if rank is not None and sizes.chars_of(tag):
            places.setdefault(rank, []).append(tag)
    for rank in sorted(places):
        found = _outermost(places[rank])
        most = max(map(sizes.chars_of, found))
        return [tag for tag in found if sizes.chars_of(tag) * _LITTLE >= most]
    body = soup.select_one("body") or soup
    return [_dense(body, _Sizes(body, furniture(body)))]


def furniture(root: Element) -> set[int]:
    """The identities of menus, footers, lists of links and readers' comments below an element."""
    sizes = _Sizes(root)
    most = sizes.chars_of(root) * _MAX_FURNITURE
    return {id(tag) for tag in root.find_all(True) if is_furniture(tag) and sizes.chars_of(tag) <= most}


def wechat_asides(root: Element) -> set[int]:
    """The identities of what WeChat puts around an article, or into its page."""
    return {id(tag) for tag in root.select(ASIDES)}


def _rank(tag: Element) -> int | None:
    classes = tag.get("class") or ()
    names = [tag.name, f"#{tag.get('id')}", f"={tag.get('role')}", f"={tag.get('itemprop')}"]
    names += [f".{name}" for name in ([classes] if isinstance(classes, str) else classes)]
    names += [".item_show_type_*" for name in names if name.startswith(".item_show_type_")]
    return min((_RANKS[name] for name in names if name in _RANKS), default=None)


def is_furniture(tag: Element) -> bool:
    """True for an element that its name, role, class or id calls a menu, a footer or the like."""
    if tag.name in _FURNITURE_TAGS or tag.get("role") in _ROLES:
        return True
    if tag.name == "header":
        return tag.parent is None or tag.parent.name not in ("article", "main")
    return tag.name in BLOCKS and bool(_FURNITURE.search(_CAMEL.sub("-", names_of(tag))))


def _outermost(found: list[Element]) -> list[Element]:
    """The elements that stand in no other of them."""
    inside: set[int] = set()
    kept = []
    for tag in found:
        if id(tag) not in inside:
            kept.append(tag)
            inside.update(map(id, tag.find_all(True)))
    return kept


class _Sizes:
    """How much visible text, and how much of it running text, stands in each element: one walk for all."""

    def __init__(self, root: Element, without: Collection[int] = ()) -> None:
        order: list[tuple[Element, int]] = [(root, -1)]
        waiting = [(root, 0)]
        while waiting:
            parent, place = waiting.pop()
            for child in parent.children:
                if isinstance(child, Element) and id(child) not in without and not is_hidden(child):
                    waiting.append((child, len(order)))
                    order.append((child, place))
        chars = [0] * len(order)
        running = [0] * len(order)
        lines = [0] * len(order)
        for place in range(len(order) - 1, -1, -1):  # children have higher places than their parents
            tag, above = order[place]
            own = "".join(own_text(tag).split())
            chars[place] += len(own)
            if tag.name != "a":
                lines[place] += len(own) + (_MIN_CHARS if _SENTENCE.search(own) else 0)
            is_line = tag.name in BLOCKS or tag.name in ("td", "th") or above < 0
            running[place] += lines[place] if is_line and lines[place] >= _MIN_CHARS else 0
            if above >= 0:
                chars[above] += chars[place]
                running[above] += running[place]
                lines[above] += 0 if is_line or tag.name == "a" else lines[place]
        self._chars = {id(tag): size for (tag, _), size in zip(order, chars, strict=True)}
        self._running = {id(tag): size for (tag, _), size in zip(order, running, strict=True)}

    def chars_of(self, tag: Element) -> int:
        """The visible characters in an element that are not blank; of a hidden one, none."""
        return self._chars.get(id(tag), 0)

    def running_of(self, tag: Element) -> int:
        """The weight of an element's paragraphs: their characters outside links, and more for sentences."""
        return self._running.get(id(tag), 0)


def _dense(body: Element, sizes: _Sizes) -> Element:
    """The smallest element below the body that holds nearly all running text; the body if there is none."""
    needed = sizes.running_of(body) * _DENSE
    found = body
    while needed >= _MIN_RUNNING:
        children = (tag for tag in found.children if isinstance(tag, Element))
        inner = next((tag for tag in children if sizes.running_of(tag) >= needed), None)
        if inner is None or inner.name not in _HOLDERS:
            break
        found = inner
    return found
