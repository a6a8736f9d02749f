"""The sliders under a finger: drags, keys, their undo, and what is read aloud."""

from playwright.sync_api import expect

from model.scenario.scenario import case, change
from model.scenario.settings import all_settings
from tests.browser.driver import (
    MAIN,
    agreed,
    press,
    said,
    settle,
    slider,
    track,
    users,
    view_of,
    wait_for_scenario,
)


def drag(page, label, to, steps=12):
    """Drag a slider to a part of its track; the button stays down."""
    left, right, x, y = track(page, label)
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, steps + 1):
        page.mouse.move(x + (left + to * (right - left) - x) * step / steps, y)
        page.wait_for_timeout(60)  # the speed of the hand


def test_a_drag_is_followed_and_undone_as_one(page):
    before = said(page)
    drag(page, "WeChat growth", 0.75)
    expect(page.locator(f"{MAIN} h2")).not_to_have_text(before, timeout=15_000)
    page.mouse.up()  # not before
    settle(page, quiet=500)
    assert agreed(page) != case()
    page.get_by_role("button", name="Undo").click()
    settle(page)
    assert said(page) == before and agreed(page) == case()


def test_a_drag_back_to_its_start_leaves_nothing_to_undo(page):
    page.keyboard.press("Tab")
    press(page, "LINE growth", "ArrowRight")
    once = view_of(page).scenario
    page.wait_for_timeout(800)  # another move, not the same key held down
    _, _, x, y = track(page, "WeChat growth")
    drag(page, "WeChat growth", 0.8)
    page.mouse.move(x, y)
    page.wait_for_timeout(500)
    page.mouse.up()
    settle(page, quiet=500)
    assert agreed(page) == once
    page.get_by_role("button", name="Undo").click()
    wait_for_scenario(page, lambda scenario: scenario == case())


def test_undo_in_a_box_for_text_is_the_boxs(open_page):
    page = open_page("/?open=share")
    press(page, "LINE growth", "ArrowRight")
    moved = view_of(page).scenario
    box = page.get_by_role("textbox", name="Title (optional")
    box.press_sequentially("Mine")
    box.press("Control+z")
    settle(page)
    assert view_of(page).scenario == moved  # the text went back, not the scenario
    slider(page, "LINE growth").focus()
    page.keyboard.press("Control+z")
    wait_for_scenario(page, lambda scenario: scenario == case())


def test_fast_keys_are_all_counted(page):
    slider(page, "WeChat growth").focus()
    for _ in range(6):
        page.keyboard.press("ArrowRight", delay=40)  # held, as by a finger
    settle(page)
    assert agreed(page)["wechat"] == case()["wechat"] + 6 * all_settings()["wechat"].step


def test_a_slider_at_its_end_is_read_aloud_and_a_screen_reader_moves_it_on(page):
    """A screen reader sets the value without a key or a pointer, also right after a key."""
    press(page, "Security concern", "Home")
    status = page.locator("[role=status][aria-live=polite]").filter(has_text="WeChat users")
    free = users(change(case(), {"concern": 0}))
    expect(status).to_contain_text(f"About {free} WeChat users abroad")
    page.keyboard.press("ArrowRight")
    slider(page, "Security concern").fill("40")
    settle(page)
    assert view_of(page).scenario == change(case(), {"concern": 40})
