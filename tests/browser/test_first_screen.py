"""The sliders under a finger: drags, their undo, and what is read aloud."""

from playwright.sync_api import expect

from model.analysis.bands import answer
from model.number_text import about
from model.scenario.scenario import case, change
from tests.browser.conftest import settle
from tests.browser.test_page import press, said, slider, view_of, wait_for_scenario


def track(page, label):
    """Ends of a slider's track, and its height on the screen, pixels."""
    there = page.get_by_test_id("stSlider").filter(has=slider(page, label)).first.bounding_box()
    thumb = page.evaluate(
        "(e) => { const b = e.closest('[data-rac][style*=left]').getBoundingClientRect();"
        " return [b.x + b.width / 2, b.y + b.height / 2]; }",
        slider(page, label).element_handle(),
    )
    return there["x"], there["x"] + there["width"], *thumb


def drag(page, label, to, steps=12):
    """Drag a slider to a part of its track; the button stays down."""
    left, right, x, y = track(page, label)
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, steps + 1):
        page.mouse.move(x + (left + to * (right - left) - x) * step / steps, y)
        page.wait_for_timeout(60)  # the speed of the hand


def test_a_drag_is_followed_and_undone_as_one(open_page):
    page = open_page("/", viewport={"width": 1400, "height": 1000})
    before = said(page)
    drag(page, "WeChat growth", 0.75)
    expect(page.locator("[data-testid=stMain] h2")).not_to_have_text(before, timeout=15_000)
    page.mouse.up()  # not before
    settle(page, quiet=500)
    scenario = view_of(page).scenario
    expect(slider(page, "WeChat growth")).to_have_value(f"{scenario['wechat']:g}")
    assert about(answer(scenario).total.line[-1, 0]) in said(page)
    page.get_by_role("button", name="Undo").click()
    settle(page)
    assert said(page) == before
    expect(slider(page, "WeChat growth")).to_have_value(f"{case()['wechat']:g}")


def test_a_drag_back_to_its_start_leaves_nothing_to_undo(open_page):
    page = open_page("/", viewport={"width": 1400, "height": 1000})
    page.keyboard.press("Tab")
    slider(page, "LINE growth").focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    once = view_of(page).scenario
    page.wait_for_timeout(800)  # another move, not the same key held down
    _, _, x, y = track(page, "WeChat growth")
    drag(page, "WeChat growth", 0.8)
    page.mouse.move(x, y)
    page.wait_for_timeout(500)
    page.mouse.up()
    settle(page, quiet=500)
    assert view_of(page).scenario == once
    assert about(answer(once).total.line[-1, 0]) in said(page)
    page.get_by_role("button", name="Undo").click()
    wait_for_scenario(page, lambda scenario: scenario == case())


def test_undo_in_a_box_for_text_is_the_boxs(open_page):
    page = open_page("/?open=share", viewport={"width": 1400, "height": 1000})
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


def test_a_step_of_a_screen_reader_moves_a_slider_right_after_a_key(page):
    """It sets the value without a key or a pointer."""
    slider(page, "Security concern").focus()
    page.keyboard.press("Home")
    slider(page, "Security concern").fill("40")
    settle(page)
    assert view_of(page).scenario == change(case(), {"concern": 40})


def test_a_moved_slider_is_read_aloud(page):
    slider(page, "Security concern").focus()
    page.keyboard.press("Home")
    settle(page)
    status = page.locator("[role=status][aria-live=polite]").filter(has_text="WeChat users")
    free = answer(change(case(), {"concern": 0}))
    expect(status).to_contain_text(f"About {about(free.total.line[-1, 0])} WeChat users abroad")
