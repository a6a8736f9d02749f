"""The strip of scenarios and Compare in a real browser: one height, keys, names without Enter."""

from playwright.sync_api import expect

from model.scenario.scenario import case
from tests.browser.conftest import settle
from tests.browser.test_page import view_of, wait_for_scenario

VIEWS = "[data-testid=stMain] [data-testid=stButtonGroup]"
LONG = "A%2520very%2520long%2520title%2520that%2520somebody%2520typed%2520into%2520the%2520box"


def top(page):
    """Where the choice of the view begins, below the strip."""
    return page.locator(VIEWS).nth(1).bounding_box()["y"]


def test_nothing_below_the_strip_moves_whatever_is_chosen_changed_or_kept(open_page):
    size = {"viewport": {"width": 1366, "height": 768}}
    row = f"march-2014~wechat.{{}}~title.{LONG}"
    full = "~~".join(row.format(240 + i) for i in range(8))
    page = open_page("/?wechat=240", **size)
    before = top(page)
    page.get_by_role("button", name="+ Keep").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("As I see it")
    page.get_by_role("button", name="Keep this scenario").click()  # without Enter
    page.wait_for_url(lambda url: "As%2520I%2520see%2520it" in url)
    settle(page)
    expect(page.get_by_role("button", name="Remove")).to_be_visible()
    assert abs(top(page) - before) <= 1
    page.get_by_role("radio", name="Hard line").focus()
    page.keyboard.press("Enter")
    settle(page)
    assert view_of(page).scenario == case("hard-line")
    assert abs(top(page) - before) <= 1
    page.close()
    for address in ("/", f"/?table={full}&wechat=300", f"/?table={full}&wechat=243"):
        page = open_page(address, **size)
        assert abs(top(page) - before) <= 1, address
        page.close()


def test_the_strip_of_a_phone_is_one_row_that_scrolls(open_page):
    page = open_page("/?wechat=240", phone=True)
    strip = page.locator(VIEWS).first
    assert strip.bounding_box()["height"] <= 44
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    chip = page.get_by_role("radio", name="Today")
    chip.scroll_into_view_if_needed()
    chip.tap()
    wait_for_scenario(page, lambda scenario: scenario == case("today"))


def test_a_pasted_link_counts_without_enter(open_page):
    page = open_page("/?open=compare")
    page.get_by_role("textbox", name="or paste a link").fill("?case=hard-line&title=Hers")
    page.get_by_role("button", name="Your own figures").click()
    settle(page)
    expect(page.get_by_text("than the link")).to_be_visible()
    assert view_of(page).pin == case("hard-line")
