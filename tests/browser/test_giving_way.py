"""First paint in a real browser: the page comes where it was; without scripts it can be read."""

import pytest

HEADING = """(root) => {
  const found = document.querySelector(root + " h2"), range = document.createRange();
  range.selectNodeContents(found);
  const {x, y} = range.getBoundingClientRect();
  return {x, y, text: found.textContent, shown: found.checkVisibility({visibilityProperty: true})};
}"""


@pytest.mark.parametrize(
    ("size", "query"),
    [
        ("laptop", "title=The+long+title+of+a+class+in+a+school+by+the+sea&at=2018Q4"),
        ("phone", ""),
        ("laptop", "embed=true"),
    ],
)
def test_the_page_comes_where_the_first_paint_was(new_page, size, query):
    page = new_page(size)
    page.route_web_socket("**/_stcore/stream", lambda _: None)  # the server keeps silent
    page.goto(f"/?{query}")
    page.wait_for_selector("#root [data-testid=stMain]")
    before = page.evaluate(HEADING, "#first")
    assert before["shown"] and page.locator("#first svg").is_visible()
    page = new_page(size)
    page.goto(f"/?{query}")
    page.wait_for_selector("#root .st-key-fan svg.marks", timeout=60_000)
    after = page.evaluate(HEADING, "#root")
    assert before["text"] == after["text"]
    assert abs(before["x"] - after["x"]) <= 2 and abs(before["y"] - after["y"]) <= 10
    assert not page.locator("#first").count()


def test_whoever_touches_the_page_sees_the_page_alone(new_page):
    page = new_page()
    page.route("**/*[vV]ega*", lambda _: None)  # the scripts that draw charts never come
    page.goto("/")
    page.wait_for_selector("#root h2", timeout=60_000)
    assert page.locator("#first svg").is_visible()
    page.locator("[data-testid=stSidebar] input[type=range]").first.focus()
    assert not page.locator("#first").count()


@pytest.mark.parametrize(
    ("size", "query"), [("laptop", "open=where"), ("phone", "step=4"), ("laptop", "guess=first")]
)
def test_it_gives_way_to_every_view(new_page, size, query):
    page = new_page(size)
    page.goto(f"/?{query}")
    page.wait_for_selector("#first", state="detached", timeout=60_000)


@pytest.mark.parametrize("dark", [False, True])
def test_without_scripts_the_answer_can_be_read(new_page, dark):
    page = new_page(dark=dark, java_script_enabled=False)
    page.goto("/?case=hard-line&at=2020Q4")
    assert "by December 2020" in page.locator("#first h2").inner_text()
    assert page.locator("#first svg text").filter(has_text="WeChat").first.is_visible()
