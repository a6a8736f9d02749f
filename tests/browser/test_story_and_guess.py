"""Story and guess in a real browser: Next stays under the pointer, a guess is made on the chart."""

import pytest
from playwright.sync_api import expect

from model.scenario.scenario import case
from model.scenario.story import story_steps
from tests.browser.driver import (
    CHART,
    MAIN,
    SIZES,
    THUMB,
    button,
    press,
    said,
    settle,
    slider,
    users,
)

AT_THE_BOTTOM = "[data-testid=stBottom]"  # of a phone: the sliders
both = pytest.mark.parametrize("size", ["laptop", "phone"])


@both
def test_next_stays_under_the_pointer_and_the_chart_in_the_window(open_page, size):
    page = open_page("/", size)
    button(page, f"Read it in {len(story_steps())} steps").click()
    settle(page)
    place = button(page, "Next").bounding_box()
    for step in story_steps():
        expect(page.locator(MAIN)).to_contain_text(step.title.rstrip("?"))
        settle(page)
        assert button(page, "Next").bounding_box() == place
        if step.view == "over":
            chart = page.locator(CHART).first.bounding_box()
            below = page.locator(AT_THE_BOTTOM)
            end = below.bounding_box()["y"] if below.count() else 768
            assert chart["y"] >= 0 and chart["y"] + chart["height"] <= end, step.title
        if step is not story_steps()[-1]:
            page.mouse.click(place["x"] + 9, place["y"] + 9)


@both
def test_a_guess_is_asked_within_the_window(open_page, size):
    page = open_page("/?guess=first", size)
    for place in (page.locator(CHART), button(page, "Show the answer"), button(page, "Skip")):
        box = place.bounding_box()
        assert box["y"] + box["height"] <= SIZES[size][1]
    shown = page.locator("[data-testid=stApp]").inner_text()
    assert users(case()) not in shown


def test_a_click_takes_its_height_as_the_guess(open_page):
    page = open_page("/?guess=first")
    box = page.locator(CHART).bounding_box()
    page.mouse.click(box["x"] + 0.6 * box["width"], box["y"] + 0.35 * box["height"])
    page.wait_for_url(lambda url: "guess=" in url and "first" not in url)
    settle(page)
    guess = int(page.url.rpartition("guess=")[2])
    # 2 billion at 30 px of the chart, none at 326 px, and a square root between
    assert abs(guess - 2000 * ((326 - 0.35 * box["height"]) / 296) ** 2) < 0.1 * guess
    assert users(case()) in said(page)


def test_keys_move_the_diamond_and_a_button_shows_the_answer(open_page):
    page = open_page("/?guess=first")
    thumb = slider(page, "Your guess")
    before = float(thumb.get_attribute("aria-valuetext"))
    press(page, "Your guess", "ArrowRight", times=3)
    assert "guess=first" in page.url and said(page).endswith("?")
    guess = thumb.get_attribute("aria-valuetext")
    assert float(guess) > before
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url.endswith(f"guess={guess}"))


def test_letting_the_handle_go_shows_the_answer(open_page):
    page = open_page("/?guess=first")
    x, y = slider(page, "Your guess").evaluate(THUMB)
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
    assert slider(page, "Your guess").count() == 0
