"""The two reading pages in a real browser: tabs, keys, contrast, headings, phone, axe-core."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import settle, violations, wait_until
from tests.pages.contrast import contrast

pytestmark = pytest.mark.full
TABS = {
    "/evidence": (
        *("Observed", "Starting users", "Settings", "Markets"),
        *("Fit and record", "Events", "Sources"),
    ),
    "/method": (
        *("In plain words", "What it cannot tell you", "Equations"),
        *("Fit and record", "Glossary", "Changes"),
    ),
}
SIZES = {"phone": (360, 800), "desk": (1400, 900)}


# the ground of the page, and what the charts write and draw on it, as the browser shows them
COLOURS = """() => {
  const ground = getComputedStyle(document.querySelector("[data-testid=stApp]")).backgroundColor;
  const marks = "[class*=mark-symbol] path, [class*=mark-rule] line";
  const of = (what, channels) => [...document.querySelectorAll(what)].flatMap((element) => {
    const style = getComputedStyle(element);
    const hidden = [style.opacity, style.strokeOpacity, style.fillOpacity].includes("0");
    const own = hidden || element.closest(".role-axis-grid") ? [] : channels.map((c) => style[c]);
    return own.filter((one) => one.startsWith("rgb") && !one.endsWith(", 0)")).slice(0, 1);
  });
  return {
    ground,
    text: of("svg.marks text", ["fill"]),
    marks: of(`svg.marks :is(${marks})`, ["stroke", "fill"]),
  };
}"""

LEVELS = """[...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
    .filter((heading) => heading.checkVisibility()).map((heading) => Number(heading.tagName[1]))"""


def as_hex(colour):
    """An rgb(...) of the browser as #rrggbb."""
    return "#{:02x}{:02x}{:02x}".format(*map(int, re.findall(r"\d+", colour)[:3]))


def wait_for_charts(page):
    """Wait until every chart that is on the page is drawn, and every table."""
    loading = "[data-testid=stSkeleton], [data-testid=stVegaLiteChart]:not(:has(svg.marks))"
    wait_until(page, f"!document.querySelector('{loading}')")


def open_tab(page, name):
    page.get_by_role("tab", name=name, exact=True).click()
    settle(page)
    wait_for_charts(page)


@pytest.mark.parametrize(("dark", "size"), [(False, "desk"), (True, "phone")])
@pytest.mark.parametrize("path", TABS)
def test_every_tab_is_accessible_and_fits(open_page, path, dark, size):
    """No finding of axe-core above minor, headings in order, few and low tables, no wide page."""
    width, height = SIZES[size]
    page = open_page(path, dark=dark, viewport={"width": width, "height": height})
    for name in TABS[path]:
        open_tab(page, name)
        assert not violations(page), name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        levels = page.evaluate(LEVELS)
        assert levels[0] == 1 and levels.count(1) == 1 and 2 in levels, name
        steps = zip(levels, levels[1:], strict=False)
        assert all(after <= before + 1 for before, after in steps), name
        tables = page.get_by_test_id("stDataFrame")
        heights = tables.evaluate_all("(all) => all.map((one) => one.offsetHeight)")
        assert len(heights) <= 2 and max(heights, default=0) <= 430, name
        if path == "/evidence":
            assert heights, name
            length = page.get_by_test_id("stMain").evaluate("(main) => main.scrollHeight")
            assert length < 5000, name


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("name", ["Observed", "Fit and record"])
def test_charts_have_contrast_and_words(open_page, name, dark):
    page = open_page(f"/evidence?tab={name.replace(' ', '+')}", dark=dark)
    wait_for_charts(page)
    found = page.evaluate(COLOURS)
    grounds = [as_hex(found["ground"]), "#0e1117" if dark else "#ffffff"]
    assert len(found["text"]) > 10 and len(found["marks"]) > 10
    for ground in grounds:
        assert not [
            one for one in set(found["text"]) if contrast(as_hex(one), as_hex(ground)) < 4.5
        ]
        assert not [one for one in set(found["marks"]) if contrast(as_hex(one), as_hex(ground)) < 3]
    words = page.locator("[data-testid=stVegaLiteChart][aria-label]").evaluate_all(
        "(charts) => charts.map((chart) => chart.getAttribute('aria-label'))"
    )
    said = [one for one in words if re.search(r"\d+ figures|held \d+ of them", one)]
    assert len(said) >= page.locator("[data-testid=stVegaLiteChart]").count()


def test_a_tab_is_opened_with_keys_and_has_an_address(open_page):
    page = open_page("/evidence")
    page.get_by_role("tab", name="Observed").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    settle(page)
    expect(page.get_by_role("tab", name="Starting users")).to_have_attribute(
        "aria-selected", "true"
    )
    expect(page.get_by_role("heading", name="Where the projections start")).to_be_visible()
    assert page.url.endswith("?tab=Starting+users")
    page.reload()
    settle(page)
    expect(page.get_by_role("heading", name="Where the projections start")).to_be_visible()


def test_the_address_of_a_tab_does_not_follow_to_the_page(open_page):
    page = open_page("/method?tab=Equations")
    page.get_by_role("link", name="Back to the page").click()
    settle(page)
    assert "tab=" not in page.url
    assert page.get_by_test_id("stAlert").count() == 0
    page.get_by_role("link", name="Sources and figures").click()
    settle(page)
    expect(page.get_by_role("heading", name="What was observed")).to_be_visible()


def test_the_search_answers_while_one_types(open_page):
    page = open_page("/evidence?tab=Sources")
    page.get_by_role("textbox", name="Search all columns").press_sequentially("tencent")
    expect(page.get_by_text(re.compile(r"^\d+ of \d+ sources$"))).to_be_visible()
