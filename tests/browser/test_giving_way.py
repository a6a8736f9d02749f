"""First paint in a real browser: the page comes where it was; without scripts it can be read."""

import pytest

HEADING = """(root) => {
  const found = document.querySelector(root + " h2"), range = document.createRange();
  range.selectNodeContents(found);
  const {x, y} = range.getBoundingClientRect();
  return {x, y, text: found.textContent, shown: found.checkVisibility({visibilityProperty: true})};
}"""
DESK = {"viewport": {"width": 1366, "height": 768}}
AGENT = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/120 Mobile Safari/537.36"
PHONE = {"viewport": {"width": 375, "height": 812}, "user_agent": AGENT, "is_mobile": True}


@pytest.fixture
def new_page(browser):
    """Opens pages of a browser that has stored nothing; closes them."""
    opened = []

    def open_one(**options):
        opened.append(browser.new_page(**options))
        return opened[-1]

    yield open_one
    for page in opened:
        page.close()


@pytest.mark.parametrize(
    ("options", "query"),
    [
        (DESK, "title=The+long+title+of+a+class+in+a+school+by+the+sea&at=2018Q4"),
        (PHONE, ""),
        (DESK, "embed=true"),
    ],
    ids=["title", "phone", "embed"],
)
def test_the_page_comes_where_the_first_paint_was(new_page, server, options, query):
    page = new_page(**options)
    page.route_web_socket("**/_stcore/stream", lambda _: None)  # the server keeps silent
    page.goto(f"{server.url}/?{query}")
    page.wait_for_selector("#root [data-testid=stMain]")
    before = page.evaluate(HEADING, "#first")
    assert before["shown"] and page.locator("#first svg").is_visible()
    page = new_page(**options)
    page.goto(f"{server.url}/?{query}")
    page.wait_for_selector("#root .st-key-fan svg.marks", timeout=60_000)
    after = page.evaluate(HEADING, "#root")
    assert before["text"] == after["text"]
    assert abs(before["x"] - after["x"]) <= 2 and abs(before["y"] - after["y"]) <= 10
    assert not page.locator("#first").count()


def test_whoever_touches_the_page_sees_the_page_alone(new_page, server):
    page = new_page(**DESK)
    page.route("**/*[vV]ega*", lambda _: None)  # the scripts that draw charts never come
    page.goto(server.url)
    page.wait_for_selector("#root h2", timeout=60_000)
    assert page.locator("#first svg").is_visible()
    page.locator("[data-testid=stSidebar] input[type=range]").first.focus()
    assert not page.locator("#first").count()


@pytest.mark.parametrize(
    ("options", "query"), [(DESK, "open=where"), (PHONE, "step=4"), (DESK, "guess=first")], ids=str
)
def test_it_gives_way_to_every_view(new_page, server, options, query):
    page = new_page(**options)
    page.goto(f"{server.url}/?{query}")
    page.wait_for_selector("#first", state="detached", timeout=60_000)


@pytest.mark.parametrize("dark", [False, True])
def test_without_scripts_the_answer_can_be_read(new_page, server, dark):
    scheme = "dark" if dark else "light"
    page = new_page(**DESK, java_script_enabled=False, color_scheme=scheme)
    page.goto(f"{server.url}/?case=hard-line&at=2020Q4")
    assert "by December 2020" in page.locator("#first h2").inner_text()
    assert page.locator("#first svg text").filter(has_text="WeChat").first.is_visible()
