"""The story and a guess in a browser: all of the picture stays in the window; click, keys, drag."""

import pytest
from playwright.sync_api import expect

from model.analysis.bands import answer
from model.number_text import about
from model.scenario.scenario import case
from model.scenario.story import story_steps
from tests.browser.conftest import settle
from tests.browser.test_page import said

CHART = "[data-testid=stMain] [data-testid=stVegaLiteChart]"
DESK = {"viewport": {"width": 1366, "height": 768}}
PHONE = {
    "viewport": {"width": 375, "height": 812},
    "is_mobile": True,
    "has_touch": True,
    "user_agent": "Mozilla/5.0 (Linux; Android 14) Mobile Safari",
}
AT_THE_BOTTOM = "[data-testid=stBottom]"  # of a phone: the sliders


def button(page, label):
    return page.get_by_role("button", name=label, exact=True)


def handle(page):
    """The handle of the guess, and its middle on the screen."""
    thumb = page.get_by_role("slider", name="Your guess")
    middle = "(e) => { const b = e.closest('[data-rac][style*=left]').getBoundingClientRect();"
    middle += " return [b.x + b.width / 2, b.y + b.height / 2]; }"
    return thumb, thumb.evaluate(middle)


@pytest.mark.parametrize("device", [DESK, PHONE], ids=["desk", "phone"])
def test_next_stays_under_the_pointer_and_the_chart_in_the_window(open_page, device):
    page = open_page("/", **device)
    button(page, f"Read it in {len(story_steps())} steps").click()
    settle(page)
    place = button(page, "Next").bounding_box()
    for step in story_steps():
        expect(page.locator("[data-testid=stMain]")).to_contain_text(step.title.rstrip("?"))
        settle(page)
        assert button(page, "Next").bounding_box() == place
        if step.view == "over":
            chart = page.locator(CHART).first.bounding_box()
            below = page.locator(AT_THE_BOTTOM)
            end = below.bounding_box()["y"] if below.count() else 768
            assert chart["y"] >= 0 and chart["y"] + chart["height"] <= end, step.title
        if step is not story_steps()[-1]:
            page.mouse.click(place["x"] + 9, place["y"] + 9)


@pytest.mark.parametrize("device", [DESK, PHONE], ids=["desk", "phone"])
def test_a_guess_is_asked_within_the_window(open_page, device):
    page = open_page("/?guess=first", **device)
    for place in (page.locator(CHART), button(page, "Show the answer"), button(page, "Skip")):
        box = place.bounding_box()
        assert box["y"] + box["height"] <= device["viewport"]["height"]
    shown = page.locator("[data-testid=stApp]").inner_text()
    assert about(answer(case()).total.line[-1, 0]) not in shown


def test_a_click_takes_its_height_as_the_guess(open_page):
    page = open_page("/?guess=first", **DESK)
    box = page.locator(CHART).bounding_box()
    page.mouse.click(box["x"] + 0.6 * box["width"], box["y"] + 0.35 * box["height"])
    page.wait_for_url(lambda url: "guess=" in url and "first" not in url)
    settle(page)
    guess = int(page.url.rpartition("guess=")[2])
    # 2 billion at 30 px of the chart, none at 326 px, and a square root between
    assert abs(guess - 2000 * ((326 - 0.35 * box["height"]) / 296) ** 2) < 0.1 * guess
    assert about(answer(case()).total.line[-1, 0]) in said(page)


def test_keys_move_the_diamond_and_a_button_shows_the_answer(open_page):
    page = open_page("/?guess=first", **DESK)
    thumb, _ = handle(page)
    thumb.focus()
    before = float(thumb.get_attribute("aria-valuetext"))
    for _ in range(3):
        page.keyboard.press("ArrowRight")
        settle(page)
    assert "guess=first" in page.url and said(page).endswith("?")
    guess = thumb.get_attribute("aria-valuetext")
    assert float(guess) > before
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url.endswith(f"guess={guess}"))


def test_letting_the_handle_go_shows_the_answer(open_page):
    page = open_page("/?guess=first", **DESK)
    _, (x, y) = handle(page)
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 8):
        page.mouse.move(x + 20 * step, y)
        page.wait_for_timeout(60)  # the speed of the hand
    page.wait_for_timeout(500)
    assert "guess=first" in page.url
    page.mouse.up()
    page.wait_for_url(lambda url: "guess=" in url and "first" not in url)
    settle(page)
    assert page.get_by_role("slider", name="Your guess").count() == 0
