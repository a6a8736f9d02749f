"""The strip of scenarios, Compare and own figures: one height, names without Enter, files."""

from playwright.sync_api import expect

from model.scenario.scenario import case
from tests.browser.driver import MAIN, NOT_WIDE, button, choose, settle, view_of, wait_for_scenario

VIEWS = f"{MAIN} [data-testid=stButtonGroup]"
LONG = "A%2520very%2520long%2520title%2520that%2520somebody%2520typed%2520into%2520the%2520box"
FILES = 8  # a page that ran anew from the callback lost one by the 5th, or by the 11th


def top(page):
    """Where the choice of the view begins, below the strip."""
    return page.locator(VIEWS).nth(1).bounding_box()["y"]


def test_nothing_below_the_strip_moves_whatever_is_chosen_changed_or_kept(open_page):
    row = f"march-2014~wechat.{{}}~title.{LONG}"
    full = "~~".join(row.format(240 + i) for i in range(8))
    page = open_page("/?wechat=240")
    before = top(page)
    button(page, "+ Keep").click()
    page.get_by_role("textbox", name="Name", exact=True).fill("As I see it")
    button(page, "Keep this scenario").click()  # without Enter
    page.wait_for_url(lambda url: "As%2520I%2520see%2520it" in url)
    settle(page)
    expect(page.get_by_role("button", name="Remove")).to_be_visible()
    assert abs(top(page) - before) <= 1
    page.get_by_role("radio", name="Hard line").focus()
    page.keyboard.press("Enter")
    settle(page)
    assert view_of(page).scenario == case("hard-line")
    assert abs(top(page) - before) <= 1
    for address in ("/", f"/?table={full}&wechat=300", f"/?table={full}&wechat=243"):
        page.goto(address)
        settle(page)
        assert abs(top(page) - before) <= 1, address


def test_the_strip_of_a_phone_is_one_row_that_scrolls(open_page):
    page = open_page("/?wechat=240", "phone")
    assert page.locator(VIEWS).first.bounding_box()["height"] <= 44
    assert page.evaluate(NOT_WIDE)
    chip = page.get_by_role("radio", name="Today")
    chip.scroll_into_view_if_needed()
    chip.tap()
    wait_for_scenario(page, lambda scenario: scenario == case("today"))


def test_a_pasted_link_counts_without_enter(open_page):
    page = open_page("/?open=compare")
    page.get_by_role("textbox", name="or paste a link").fill("?case=hard-line&title=Hers")
    button(page, "Your own figures").click()
    settle(page)
    expect(page.get_by_text("than the link")).to_be_visible()
    assert view_of(page).pin == case("hard-line")


def test_own_figures_are_replaced_again_and_again_and_can_be_removed(open_page):
    page = open_page("/?open=compare")
    opener = button(page, "Your own figures")
    box, error = page.locator("input[type=file]"), page.locator("[data-testid=stAlert]")
    score = page.get_by_text("figures lie inside the range")

    def upload(name, text):
        box.set_input_files({"name": name, "mimeType": "text/csv", "buffer": text.encode()})

    opener.click()
    for i in range(1, FILES + 1):
        upload(f"file{i}.csv", "date,users\n" + "".join(f"{2015 + k},40\n" for k in range(i)))
        expect(score).to_contain_text(f"file{i}.csv: ")
        expect(score).to_contain_text(f"of {i} figures")
        expect(box).to_have_count(1)  # the box of this file goes last
    upload("bad.csv", "date,users\n2016,48,5\n")
    expect(error).to_contain_text("bad.csv was not used: row 2")
    expect(score).to_contain_text(f"file{FILES}.csv: ")
    page.keyboard.press("Escape")
    choose(page, "Where")
    choose(page, "Compare")
    opener.click()
    expect(score).to_contain_text(f"file{FILES}.csv: ")
    expect(error).to_have_count(0)
    page.get_by_role("button", name="Remove the figures").click()
    expect(score).to_have_count(0)
    upload("last.csv", "date,users\n2016,48\n")
    expect(score).to_contain_text("last.csv: ")
