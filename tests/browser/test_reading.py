"""The two reading pages in a real browser: tabs, keys, headings, phone, axe-core."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import settle, violations, wait_until

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


LEVELS = """[...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
    .filter((heading) => heading.checkVisibility()).map((heading) => Number(heading.tagName[1]))"""


def wait_for_charts(page):
    """Wait until every chart that is on the page is drawn, and every table."""
    loading = "[data-testid=stSkeleton], [data-testid=stVegaLiteChart]:not(:has(svg.marks))"
    wait_until(page, f"!document.querySelector('{loading}')")


def open_tab(page, name):
    page.get_by_role("tab", name=name, exact=True).click()
    settle(page)
    wait_for_charts(page)


@pytest.mark.parametrize(("path", "dark"), [("/evidence", True), ("/method", False)])
def test_a_reading_page_is_accessible_and_leads_back(open_page, path, dark):
    page = open_page(path, dark=dark)
    wait_for_charts(page)
    assert not violations(page)
    page.get_by_role("link", name="Back to the page").click()
    expect(page.locator("[data-testid=stMain] h2")).to_contain_text("WeChat users abroad by")


@pytest.mark.full
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


@pytest.mark.full
def test_the_search_answers_while_one_types(open_page):
    page = open_page("/evidence?tab=Sources")
    page.get_by_role("textbox", name="Search all columns").press_sequentially("tencent")
    expect(page.get_by_text(re.compile(r"^\d+ of \d+ sources$"))).to_be_visible()
