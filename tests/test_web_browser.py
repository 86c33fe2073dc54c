"""The pages in Chromium before a waitress server: with and without JavaScript, wide and narrow."""

from __future__ import annotations

import importlib.util
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import pytest

from corpus.settings import Settings
from searcher.results import Request
from searcher.service import Searcher
from web import create_app
from web.server import Server, listening_socket

CHROMIUM: Final = Path("/usr/bin/chromium")
FLAGS: Final = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE: Final = {"width": 1280, "height": 900}
PHONE: Final = {"width": 390, "height": 844}

#: The texts of a page whose contrast with what is painted behind them is below 4.5 : 1.
FAINT: Final = """() => {
  const parts = colour => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, at) => sum + v * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parts(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement;
    if (!walk.currentNode.data.trim() || !element.checkVisibility() || element.closest(".vh, .skip")) continue;
    const [low, high] = [light(parts(getComputedStyle(element).color)), light(ground(element))].sort((a, b) => a - b);
    if ((high + 0.05) / (low + 0.05) < 4.5) faint.push(walk.currentNode.data.trim().slice(0, 30));
  }
  return faint;
}"""

MISSING: Final = [
    name
    for name, is_there in (
        ("playwright", importlib.util.find_spec("playwright") is not None),
        (str(CHROMIUM), CHROMIUM.exists()),
    )
    if not is_there
]
# Where every check must have run, a missing browser is a failure and no reason to pass by.
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(bool(MISSING) and not os.environ.get("CI"), reason=f"not installed: {', '.join(MISSING)}"),
]


@pytest.fixture(scope="module")
def address(sample_index: Path) -> Iterator[str]:
    """A running server over the sample corpus."""
    settings = Settings(index=str(sample_index))
    searcher = Searcher(sample_index, settings)
    app = create_app(settings, searcher)
    server = Server(app, settings, listening_socket("127.0.0.1", 0))
    thread = threading.Thread(target=server.run)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.close()
    # Waitress looks at its sockets again at the latest after a second, then finds none and ends.
    thread.join()
    server.task_dispatcher.shutdown()
    searcher.close()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """One Chromium for all tests; each test opens a context of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()


class Window:
    """A page that remembers everything a developer would see in red."""

    def __init__(self, browser: Any, address: str, **options: Any) -> None:
        self.context = browser.new_context(base_url=address, **options)
        self.page = self.context.new_page()
        self.faults: list[str] = []
        self.page.on("console", lambda said: self.faults.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))

    def is_too_wide(self) -> bool:
        """True if the page scrolls sideways."""
        width = self.page.viewport_size["width"]
        return bool(self.page.evaluate("document.documentElement.scrollWidth") > width)


@pytest.fixture(
    params=[
        pytest.param({"viewport": WIDE}, id="wide"),
        pytest.param({"viewport": PHONE, "color_scheme": "dark"}, id="phone-dark"),
        pytest.param({"viewport": WIDE, "java_script_enabled": False}, id="wide-without-javascript"),
        pytest.param({"viewport": PHONE, "java_script_enabled": False}, id="phone-without-javascript"),
    ]
)
def window(request: pytest.FixtureRequest, browser: Any, address: str) -> Iterator[Window]:
    """A window of each kind; at its end nothing must have gone wrong in it."""
    opened = Window(browser, address, **request.param)
    yield opened
    opened.context.close()
    assert opened.faults == []


def test_from_a_query_to_a_match(window: Window) -> None:
    """Type, submit, see marked hits, select a facet, open a document, go back: the way of every reader."""
    page = window.page
    is_narrow = page.viewport_size["width"] < 600
    page.goto("/")
    page.locator("#q").fill("脑机接口")
    page.get_by_role("search").get_by_role("button").click()
    page.wait_for_url("**/?q=*")
    assert page.locator("#q").input_value() == "脑机接口"
    assert page.locator(".hit mark").first.is_visible()
    assert page.locator(".hit mark").first.inner_text() == "脑机接口"

    panel = page.locator(".side .panel")
    assert panel.locator("summary").first.is_visible() == is_narrow
    if is_narrow:
        panel.locator("summary").first.click()
    choice = panel.locator("section:has(#facet-genre) a.choice").first
    expected = int(choice.locator(".count").inner_text())
    chosen = choice.locator(".value").inner_text()
    choice.click()
    page.wait_for_url("**&genre=*")
    assert unquote(page.url).endswith(f"&genre={chosen}")
    assert page.locator(".chosen a.chip").count() == 1
    numbers = [int(word) for word in page.locator(".totals").inner_text().split() if word.isdigit()]
    assert sum(numbers) == expected

    title = page.locator(".hit h3 a").first
    words = title.inner_text()
    title.click()
    page.wait_for_url("**/article/*")
    assert page.get_by_role("heading", level=1).inner_text() == words
    page.locator(".match-bar a").first.click()
    page.wait_for_url("**#m1")
    assert page.locator("mark#m1").is_visible()
    page.locator(".back a").click()
    page.wait_for_url("**/?q=*")
    assert page.locator(".chosen a.chip").count() == 1


def test_no_page_scrolls_sideways(window: Window) -> None:
    """Every kind of page fits the width of the window, in both languages, with the longest words there are."""
    page = window.page
    for address in (
        "/",
        "/?q=脑机接口&size=100",
        "/?q=脑机接口&genre=申报通知&from=2025-01-01&to=2026-12-31",
        "/?q=“" + "没有这句话" * 30 + "”",
        "/?q=“脑机接口” 标题:" + "很长的标题" * 6 + "&from=1999-01-01&to=1999-12-31&account=没有这个号",
        "/?q=腦機接口 naojijiekou (申报 date:2025-13 title:&off=synonym",
        "/help",
        "/?q=脑机接口&page=99",
    ):
        for language in ("zh", "en"):
            page.goto(f"{address}{'&' if '?' in address else '?'}lang={language}")
            assert not window.is_too_wide(), (address, language)
    page.goto("/?q=规划")
    articles = [link.get_attribute("href") for link in page.locator(".hit h3 a").all()]
    assert articles
    for address in articles:
        page.goto(address)
        assert not window.is_too_wide(), address


def test_an_empty_answer_is_explained_and_left(window: Window) -> None:
    """The reason stands in the first screen of any window, and its first way on leads to hits."""
    page = window.page
    page.goto("/?q=“脑机接口”&from=1999-01-01&to=1999-12-31")
    reason = page.locator(".reason")
    assert "脑机接口" in reason.inner_text()
    box = reason.bounding_box()
    assert box["y"] + box["height"] < page.viewport_size["height"]
    page.locator(".tries a").first.click()
    page.wait_for_url(lambda address: "from" not in address)
    assert page.locator(".hit").first.is_visible()


def test_a_helper_is_undone_with_one_click(window: Window) -> None:
    """Pinyin helps, and one click searches as typed."""
    page = window.page
    page.goto("/?q=naojijiekou")
    assert page.locator(".hit mark").first.is_visible()
    page.locator(".helped li.pinyin a").click()
    page.wait_for_url("**off=pinyin*")
    assert page.locator("#q").input_value() == "naojijiekou"
    assert not page.locator(".hit").count()


def test_help_is_a_click_away(window: Window) -> None:
    """From a list of results to the help, and from an example to its answer."""
    page = window.page
    page.goto("/?q=脑机接口")
    page.locator(".tools a").first.click()
    page.wait_for_url("**/help*")
    example = page.locator(".help dt a").first
    words = example.inner_text()
    example.click()
    page.wait_for_url("**/?q=*")
    assert page.locator("#q").input_value() == words


def test_a_fold_of_the_outline_opens(window: Window) -> None:
    """The outline of a long document is folded; a fold opens without JavaScript, and its lines lead to headings."""
    page = window.page
    page.goto("/?q=“规划（节选）”")
    page.locator(".hit h3 a").first.click()
    page.wait_for_url("**/article/*")
    panel = page.locator(".contents > summary")
    if panel.is_visible():
        panel.click()
    folds = page.locator(".outline summary")
    if folds.count():
        folds.first.click()
        inner = page.locator(".outline details[open] a").first
    else:
        inner = page.locator(".outline a").nth(1)
    assert inner.is_visible()
    target = inner.get_attribute("href")
    inner.click()
    page.wait_for_url(f"**{target}")
    assert page.locator(f"{target}").is_visible()


def test_no_text_is_faint(window: Window) -> None:
    """Deadlines, facts, notes and reasons have the contrast of all text, light and dark (WCAG AA)."""
    page = window.page
    for address in ("/?q=申报", "/?q=“脑机接口”&from=1999-01-01&to=1999-12-31", "/help"):
        page.goto(address)
        assert page.evaluate(FAINT) == [], address


@pytest.fixture
def desk(browser: Any, address: str) -> Iterator[Window]:
    """A wide window with JavaScript, for what only JavaScript adds."""
    opened = Window(browser, address, viewport=WIDE)
    yield opened
    opened.context.close()
    assert opened.faults == []


def test_slash_goes_to_the_box(desk: Window) -> None:
    """The key "/" focuses the search box, and is a character like any other inside it."""
    page = desk.page
    page.goto("/?q=脑机接口")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.press("End")
    page.keyboard.type("/a")
    assert page.locator("#q").input_value() == "脑机接口/a"


def test_enter_of_an_input_method_does_not_submit(desk: Window) -> None:
    """Enter that confirms a composition stays on the page; a plain Enter searches."""
    page = desk.page
    page.goto("/")
    box = page.locator("#q")
    box.fill("naoji")
    for event in ({"key": "Enter", "isComposing": True}, {"key": "Enter", "keyCode": 229}):
        is_let_through = page.evaluate(
            """event => document.getElementById("q").dispatchEvent(
                new KeyboardEvent("keydown", {...event, bubbles: true, cancelable: true}))""",
            event,
        )
        assert not is_let_through
    box.press("Enter")
    page.wait_for_url("**/?q=naoji")


def test_next_match_walks_through_the_document(desk: Window) -> None:
    """Next and previous go from match to match and around, and say where the reader is."""
    from playwright.sync_api import expect

    page = desk.page
    page.goto("/?q=脑机接口&genre=申报通知")
    page.locator(".hit h3 a").first.click()
    page.wait_for_url("**/article/*")
    count = page.locator(".body mark[id]").count()
    assert count > 1
    steps = page.locator("[data-step]")
    for expected in [*range(1, count + 1), 1]:
        steps.nth(1).click()
        page.wait_for_url(f"**#m{expected}")
        # The browser tells the page of its new address a moment later; expect waits for it.
        expect(page.locator("[data-position]")).to_have_text(f"{expected} / {count}")
    steps.nth(0).click()
    page.wait_for_url(f"**#m{count}")


def test_empty_days_stay_out_of_the_address(desk: Window) -> None:
    """Applying one end of a range does not leave an empty parameter for the other."""
    page = desk.page
    page.goto("/?q=脑机接口")
    page.locator("input[name=from]").fill("2025-09-01")
    page.locator(".dates button").click()
    page.wait_for_url("**from=2025-09-01")
    assert "to=" not in page.url


def options(page: Any) -> Any:
    """The suggestions below the box."""
    return page.get_by_role("listbox").get_by_role("option")


def test_a_suggestion_is_chosen_by_keys(desk: Window) -> None:
    """Arrow keys walk through the list and the box tells which option they are at; Enter searches for it."""
    from playwright.sync_api import expect

    page = desk.page
    page.goto("/")
    box = page.get_by_role("combobox")
    assert box.get_attribute("aria-expanded") == "false"
    box.press_sequentially("naoji")
    expect(box).to_have_attribute("aria-expanded", "true")
    assert not desk.is_too_wide()
    texts = options(page).locator(".value").all_inner_texts()
    at = texts.index("脑机接口")
    for _ in range(at + 1):
        box.press("ArrowDown")
    active = page.locator(f"#{box.get_attribute('aria-activedescendant')}")
    assert active.get_attribute("aria-selected") == "true"
    assert active.locator(".value").inner_text() == "脑机接口"
    assert box.input_value() == "naoji"
    box.press("Enter")
    page.wait_for_url("**/?q=*")
    assert unquote(page.url).endswith("/?q=脑机接口")


def test_escape_closes_the_list_and_keeps_the_words(desk: Window) -> None:
    """Escape closes, the arrow down opens again, and Enter without a choice searches for what was typed."""
    from playwright.sync_api import expect

    page = desk.page
    page.goto("/")
    box = page.get_by_role("combobox")
    box.press_sequentially("脑机")
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    assert box.input_value() == "脑机"
    box.press("ArrowDown")
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("ArrowUp")
    assert box.get_attribute("aria-activedescendant") == f"suggestion-{options(page).count() - 1}"
    box.press("ArrowDown")
    assert box.get_attribute("aria-activedescendant") is None
    box.press("Enter")
    page.wait_for_url("**/?q=*")
    assert unquote(page.url).endswith("/?q=脑机")


def test_a_title_and_a_name_are_chosen_by_pointer(desk: Window, sample_index: Path) -> None:
    """A title opens its document; an account becomes a filter in place of the word typed for it."""
    searcher = Searcher(sample_index, Settings())
    hit = next(hit for hit in searcher.search(Request(query="", sort="newest")).hits if hit.account)
    searcher.close()
    page = desk.page
    page.goto("/?lang=en")
    page.get_by_role("combobox").press_sequentially(hit.title[:6])
    options(page).filter(has_text=hit.title).first.click()
    page.wait_for_url(f"**/article/{hit.id}?lang=en")
    page.goto("/")
    page.get_by_role("combobox").press_sequentially("科技 " + hit.account[:3])
    options(page).filter(has_text=hit.account).filter(has_text="公众号").first.click()
    page.wait_for_url("**account=*")
    assert unquote(page.url).endswith(f"/?q=科技&account={hit.account}")


def test_nothing_is_asked_while_composing(desk: Window) -> None:
    """Letters of an input method are not sent; what it gives in the end is, once."""
    page = desk.page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(unquote(request.url)) if "/api/suggest" in request.url else None)
    page.goto("/")
    page.locator("#q").focus()
    session = desk.context.new_cdp_session(page)
    for text in ("n", "na", "nao'ji"):
        session.send("Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)})
    page.wait_for_timeout(400)
    assert asked == []
    session.send("Input.insertText", {"text": "脑机"})
    options(page).first.wait_for()
    assert page.locator("#q").input_value() == "脑机"
    assert [address.rpartition("q=")[2] for address in asked] == ["脑机"]


def test_stale_answers_are_dropped(desk: Window) -> None:
    """An answer that comes after more was typed is not shown."""
    from playwright.sync_api import expect

    page = desk.page

    def answer(route: Any) -> None:
        if "q=n&" in route.request.url + "&":
            page.wait_for_timeout(300)
        query = unquote(route.request.url.rpartition("q=")[2])
        route.fulfill(json={"query": query, "suggestions": [{"text": f"答{query}", "kind": "term", "count": 2}]})

    page.route("**/api/suggest?*", answer)
    page.goto("/")
    box = page.get_by_role("combobox")
    box.press("n")
    page.wait_for_timeout(200)
    box.press("j")
    expect(options(page).locator(".value")).to_have_text("答nj")
    page.wait_for_timeout(400)
    expect(options(page).locator(".value")).to_have_text("答nj")
