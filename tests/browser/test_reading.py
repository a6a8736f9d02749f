"""The reading pages in a real browser: tabs, keys, headings, phone, axe-core."""

import pytest
from playwright.sync_api import expect

from model.evidence import load_evidence
from tests.browser.driver import MAIN, NOT_WIDE, settle, violations, wait_until

TABS = {
    "/evidence": (
        *("Observed", "Starting users", "Markets"),
        *("Fit and record", "Events", "Sources"),
    ),
    "/method": (
        *("In plain words", "What it cannot tell you", "Equations"),
        *("Fit and record", "Glossary", "Changes"),
    ),
}
LEVELS = """[...document.querySelectorAll("h1, h2, h3, h4, h5, h6")]
    .filter((heading) => heading.checkVisibility()).map((heading) => Number(heading.tagName[1]))"""


def assert_sound(page):
    """No finding of axe-core above minor, headings in order, nothing wider than the screen.

    Every chart that is on the page is drawn, and every table.
    """
    loading = "[data-testid=stSkeleton], [data-testid=stVegaLiteChart]:not(:has(svg.marks))"
    wait_until(page, f"!document.querySelector('{loading}')")
    assert not violations(page)
    assert page.evaluate(NOT_WIDE)
    levels = page.evaluate(LEVELS)
    assert levels[0] == 1 and levels.count(1) == 1 and 2 in levels
    assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False))


@pytest.mark.parametrize(("path", "dark"), [("/evidence", True), ("/method", False)])
def test_a_reading_page_is_accessible_and_leads_back(open_page, path, dark):
    page = open_page(path, dark=dark)
    assert_sound(page)
    page.get_by_role("link", name="Back to the page").click()
    headings = page.locator(f"{MAIN} h2")  # at first those of the page that is left
    expect(headings.filter(has_text="WeChat users abroad by")).to_be_visible(timeout=20_000)
    expect(headings).to_have_count(1)


@pytest.mark.full
@pytest.mark.parametrize(
    ("path", "dark", "size"),
    [("/evidence", False, "desk"), ("/evidence", True, "phone"), ("/method", True, "phone")],
)
def test_every_tab_is_accessible_with_few_and_low_tables(open_page, path, dark, size):
    page = open_page(path, size, dark=dark)
    for name in TABS[path]:
        page.get_by_role("tab", name=name, exact=True).click()
        settle(page)
        assert_sound(page)
        tables = page.get_by_test_id("stDataFrame")
        heights = tables.evaluate_all("(all) => all.map((one) => one.offsetHeight)")
        assert len(heights) <= 2 and max(heights, default=0) <= 430, name
        if path == "/evidence":
            assert heights, name
            length = page.locator(MAIN).evaluate("(main) => main.scrollHeight")
            assert length < 5000, name


def test_a_setting_is_chosen_in_the_table_and_changed_with_keys(open_page):
    """A click anywhere in a row chooses it; the address and the page itself follow the value."""
    page = open_page("/settings?wechat=160")
    box = page.get_by_test_id("stDataFrame").first.bounding_box()
    row = [*load_evidence().settings.name].index("concern")
    page.mouse.click(box["x"] + 150, box["y"] + 35 * (row + 1) + 17)
    settle(page)
    expect(page.get_by_role("heading", name="Security concern")).to_be_visible()
    value = page.get_by_role("spinbutton")
    value.fill("900")
    value.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("900 is outside 0 to 100 (%); 25 stays.")
    expect(value).to_have_value("25")
    value.press("ArrowUp")
    settle(page)
    expect(value).to_have_value("30")
    expect(value).to_be_focused()
    assert page.url.endswith("/settings?wechat=160&concern=30")
    page.reload()
    settle(page)
    headline = page.get_by_text("WeChat users abroad by").inner_text()
    page.get_by_role("link", name="Back to the page").click()
    expect(page.locator(f"{MAIN} h2").first).to_have_text(headline)
    assert page.url.endswith("/?wechat=160&concern=30")


@pytest.mark.parametrize(("size", "dark"), [("desk", False), ("phone", True)])
def test_all_settings_are_accessible_and_fit(open_page, size, dark):
    page = open_page("/settings", size, dark=dark)
    assert_sound(page)
    table = page.get_by_test_id("stDataFrame").first.bounding_box()
    assert table["y"] + table["height"] < 800 and page.get_by_role("spinbutton").is_visible()
