"""The first screen and the sliders under a finger: boxes, drags, keys, and what is read aloud."""

from playwright.sync_api import expect

from model.analysis.bands import answer
from model.number_text import about
from model.scenario.scenario import case, cases, change
from tests.browser.conftest import settle
from tests.browser.test_page import said, slider, view_of

CHART = "[data-testid=stVegaLiteChart]"
TOOLS = "[data-testid=stMain] [data-testid=stButtonGroup]"


def box(page, selector):
    return page.locator(selector).first.bounding_box()


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


def test_answer_chart_and_tools_are_on_the_first_screen(open_page):
    for name in cases():
        page = open_page(f"/?case={name}", viewport={"width": 1366, "height": 768})
        for selector in ("h1", "h2", CHART, TOOLS):
            there = box(
                page, f"[data-testid=stMain] {selector}" if len(selector) == 2 else selector
            )
            assert there["y"] >= 0 and there["y"] + there["height"] <= 768, (name, selector)
        page.close()


def test_nothing_above_the_tools_moves_while_a_slider_goes_through_its_range(open_page):
    page = open_page("/", viewport={"width": 1400, "height": 900})
    parts = ("[data-testid=stMain] h1", "[data-testid=stMain] h2", CHART, TOOLS)
    before = [box(page, part) for part in parts]
    for label in ("WeChat growth", "Security concern"):
        for key in ("Home", "End"):
            slider(page, label).focus()
            page.keyboard.press(key)
            settle(page)
            for part, old in zip(parts, before, strict=True):
                new = box(page, part)
                assert abs(new["y"] - old["y"]) <= 2, (label, key, part)
                assert abs(new["height"] - old["height"]) <= 2, (label, key, part)


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
    page.get_by_role("button", name="Undo").click()
    settle(page)
    assert view_of(page).scenario == case()


def test_exact_values_by_text_and_undo_in_the_box_is_the_boxs(open_page):
    page = open_page("/", viewport={"width": 1400, "height": 1400})
    exact = page.get_by_role("textbox", name="Type exact values")
    exact.fill("wechat=137.5 concern=33")
    exact.press("Enter")
    settle(page)
    scenario = change(case(), {"wechat": 137.5, "concern": 33})
    assert view_of(page).scenario == scenario
    assert about(answer(scenario).total.line[-1, 0]) in said(page)
    exact.press_sequentially("line=1")
    exact.press("Control+z")
    settle(page)
    assert view_of(page).scenario == scenario  # the text went back, not the scenario
    exact.fill("")
    slider(page, "LINE growth").focus()
    page.keyboard.press("Control+z")
    settle(page)
    assert view_of(page).scenario == case()


def test_a_moved_slider_is_read_aloud(page):
    slider(page, "Security concern").focus()
    page.keyboard.press("Home")
    settle(page)
    status = page.locator("[role=status][aria-live=polite]").filter(has_text="WeChat users")
    free = answer(change(case(), {"concern": 0}))
    expect(status).to_contain_text(f"About {about(free.total.line[-1, 0])} WeChat users abroad")
