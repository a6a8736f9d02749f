"""The stage: every view whole on the first screen, nothing above it moves; eyes, keys and paper."""

import io
import re
from itertools import product

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from model.analysis.bands import answer
from model.number_text import about
from model.scenario.scenario import case, cases, change, until
from tests.browser.conftest import PHONES, VIEWS, settle, violations, wait_until
from tests.browser.test_page import (
    button_of,
    choose,
    press,
    said,
    slider,
    view_of,
    wait_for_scenario,
)
from tests.pages.contrast import light

SIZES = {"laptop": (1366, 768), "desk": (1440, 900), "phone": (375, 812)}
MAIN = ("WeChat growth", "Security concern", "LINE growth", "KakaoTalk growth")
ABOVE = ("h1", "h2", "[class*=st-key-set_scenario]", ".st-key-open")  # down to the top of the stage

# Below the choice of the view: its first sentence, and its pictures; cards, or boxes, without one.
# "shown": whether each lies in what can be seen, above the sliders at the bottom of a phone.
IN_SIGHT = """() => {
  const stage = document.querySelector(".st-key-open").parentElement;
  const all = (selector) => [...stage.querySelectorAll(selector)].filter((one) => {
    const {width, height} = one.getBoundingClientRect();
    return width > 0 && height > 0 && one.checkVisibility();
  });
  const bottom = document.querySelector("[data-testid=stBottom]");
  const end = bottom ? bottom.getBoundingClientRect().top : innerHeight;
  const charts = all("[data-testid=stVegaLiteChart]");
  const boxes = all("[data-testid=stCode], [data-testid=stDownloadButton], "
    + "[data-testid=stColumn] > [data-testid=stVerticalBlock] [data-testid=stMarkdown]");
  const said = [...all("[data-testid=stMarkdown]"), ...all("[data-testid=stTextInput]")][0];
  const parts = [said, ...(charts.length ? charts : boxes)];
  return parts.map((one) => {
    const {top, bottom, left, right} = one ? one.getBoundingClientRect() : {top: -1};
    return {part: one?.dataset.testid, top, bottom,
            shown: top >= 0 && bottom <= end + 1 && left >= 0 && right <= innerWidth + 1};
  });
}"""


def sized(open_page, size, path="/", **options):
    """A page on a screen of one of the sizes."""
    width, height = SIZES[size]
    if size == "phone":
        options |= {"user_agent": PHONES, "is_mobile": True, "has_touch": True}
    return open_page(path, viewport={"width": width, "height": height}, **options)


def out_of_sight(page):
    """Sentence and pictures of the view that do not lie within the first screen."""
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")
    wait_until(page, f"() => ({IN_SIGHT})().length > 1")
    parts = page.evaluate(IN_SIGHT)
    return [part for part in parts if not part["shown"]]


# What a phone cannot hold between the choice of the view and the sliders: some 380 pixels.
LONG = {
    "where": "a list of 24 rows that can be read and hit with a finger is 600 pixels tall",
    "compare": "nine bars and a second picture below them",
    "solve": "a list of five settings, three lines each",
}
# in March 2014 two settings are enough, and one differs from the scenario to compare with
LONG_CASE = {"solve": "&case=rivals-surge", "compare": "&case=as-it-happened"}


@pytest.mark.parametrize("size", ["laptop", "phone"])
def test_every_view_is_whole_on_the_first_screen(open_page, size):
    """On the lower of two desks; on the other, of every scenario: `make figures`."""
    page, found = sized(open_page, size), {}
    if size != "phone":
        height = SIZES[size][1]
        for label in MAIN:
            box = page.get_by_test_id("stSlider").filter(has=slider(page, label)).bounding_box()
            assert box["y"] >= 0 and box["y"] + box["height"] <= height, label
    for name, label in VIEWS.items():
        if size == "phone" and name in LONG.keys() - LONG_CASE:  # a test of its own
            continue
        choose(page, label)
        if hidden := out_of_sight(page):
            found[name] = hidden
    assert not found


@pytest.mark.parametrize("words", ["case=rivals-surge&open=solve", "case=today&open=compare"])
def test_five_settings_and_another_start_are_whole_on_the_first_screen(open_page, words):
    assert not out_of_sight(sized(open_page, "laptop", f"/?{words}"))


ROW_OF_LIST, ROWS_IN_VIEW = 25, 10  # pixels


@pytest.mark.parametrize("view", LONG)
def test_a_long_view_begins_on_the_first_screen_of_a_phone(open_page, view):
    """Its sentence, and a whole row or picture, or ten rows of the list; the rest scrolls."""
    page = sized(open_page, "phone", f"/?open={view}{LONG_CASE.get(view, '')}")
    sentence, first, *_ = parts = page.evaluate(IN_SIGHT)
    assert sentence["shown"] and sentence["part"] == "stMarkdown"
    bar = page.get_by_test_id("stBottom").bounding_box()["y"]
    if view == "where":
        assert 0 < first["top"] and first["top"] + ROW_OF_LIST * ROWS_IN_VIEW <= bar
    else:
        assert first["shown"]
    page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 1e6)")
    last = page.evaluate(IN_SIGHT)[-1]
    assert parts[-1]["bottom"] > bar >= last["bottom"] - 1


@pytest.mark.figures
@pytest.mark.parametrize(("size", "dark"), [*product(SIZES, (False, True))])
def test_every_view_of_every_scenario_is_whole_on_the_first_screen(open_page, size, dark):
    page, found = sized(open_page, size, dark=dark), []
    for name, one in cases().items():
        page.locator("[class*=st-key-set_scenario] button").filter(has_text=one.label).click()
        settle(page)
        for view, label in VIEWS.items():
            if size == "phone" and view in LONG:
                continue
            choose(page, label)
            found += [(name, view, part["part"], part["bottom"]) for part in out_of_sight(page)]
    assert not found


def tops(page):
    """Where each part above the stage begins, and where the stage does; pixels."""
    place = "[data-testid=stMain] :is({})"
    boxes = [page.locator(place.format(part)).first.bounding_box() for part in ABOVE]
    return [box["y"] for box in boxes] + [boxes[-1]["y"] + boxes[-1]["height"]]


def moved(page, before):
    """Parts that are not where they were, by more than two pixels."""
    names = (*ABOVE, "stage")
    places = zip(names, before, tops(page), strict=True)
    return {name: (old, new) for name, old, new in places if abs(new - old) > 2}


def test_nothing_above_the_stage_moves_for_a_slider(open_page):
    page, found = sized(open_page, "laptop"), {}
    before = tops(page)
    for label in MAIN[:2]:
        for key in ("Home", "End"):
            press(page, label, key)
            if change := moved(page, before):
                found[label, key] = change
    assert not found


LONG_TITLE = "Eighty letters of a title which somebody typed for a class and put into its link"


@pytest.mark.parametrize("size", SIZES)
def test_nothing_above_the_stage_moves_for_a_title(open_page, size):
    before, found = tops(sized(open_page, size)), {}
    for title in ("A title", LONG_TITLE, "W" * 80):
        page = sized(open_page, size, f"/?title={title}")
        if change := moved(page, before):
            found[title] = change
    assert not found


STILL = ["at=2018Q4", "guess=80", "title=A+title", "pin=hard-line", "events=all", "horizon=3"]
STILL += ["concern=0", "wechat=0", "wechat=400&barrier=0&line=0", "case=today", "wechat=123.4"]
STILL += ["wechat=400&concern=100&line=0&kakao=400&barrier=100&attrition=0&horizon=15"]  # longest


@pytest.mark.figures
@pytest.mark.parametrize("size", SIZES)
def test_nothing_above_the_stage_moves_whatever_is_chosen(open_page, size):
    """By any of these words and views, alone, and by each slider at its ends."""
    page = sized(open_page, size)
    before, found = tops(page), {}
    for name, label in VIEWS.items():
        choose(page, label)
        if change := moved(page, before):
            found[name] = change
    choose(page, "Over time")
    for label in () if size == "phone" else MAIN:
        for key in ("Home", "End"):
            press(page, label, key)
            if change := moved(page, before):
                found[label, key] = change
    for words in STILL:
        page.goto(f"/?{words}")
        settle(page)
        if change := moved(page, before):
            found[words] = change
    assert not found


PAGES = [*(f"open={view}" for view in VIEWS), "open=where&market=IND"]
PAGES += ["guess=first", "guess=80&at=2018Q4&step=1"]


@pytest.mark.full
@pytest.mark.parametrize("words", PAGES)
def test_a_view_is_accessible(open_page, words):
    """No finding of axe-core above minor on a desk and a phone, light and dark.

    At two widths between them, nothing is wider than the screen.
    """
    page, found = open_page(f"/?{words}"), {}
    assert page.get_by_test_id("stException").count() == 0
    background = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    before = page.evaluate(background)
    for scheme, widths in (("light", (1400, 1024, 768, 360)), ("dark", (360, 1400))):
        page.emulate_media(color_scheme=scheme)
        if scheme == "dark":
            wait_until(page, f"(before) => {background} !== before", before)
        for width in widths:
            page.set_viewport_size({"width": width, "height": 900})
            settle(page)
            if page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
                found[scheme, width, "wide"] = page.evaluate("document.documentElement.scrollWidth")
            if width in (1400, 360) and (faults := violations(page)):
                found[scheme, width] = faults
    assert not found


def press_until_focus(page, key, place):
    """Press a key until the focus is at `place` or in it."""
    for _ in range(80):
        if place.evaluate("(e) => e.contains(document.activeElement)"):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{key} does not get to {place}")


def choose_by_keys(page, row, button):
    """Tab to a row of buttons, arrows to the one, Enter."""
    press_until_focus(page, "Tab", row)
    press_until_focus(page, "ArrowLeft", row.get_by_role("radio").first)
    press_until_focus(page, "ArrowRight", button)
    page.keyboard.press("Enter")
    settle(page)


def test_every_view_is_opened_and_used_without_a_mouse(page):
    """Tab, arrows and Enter; what a click on a chart does can be done so too."""
    strip, views = page.locator("[class*=st-key-set_scenario]"), page.locator(".st-key-open")
    for label, name in (("Hard line", "hard-line"), ("March 2014", "march-2014")):
        choose_by_keys(page, strip, strip.get_by_role("radio").filter(has_text=label))
        wait_for_scenario(page, lambda scenario, name=name: scenario == case(name))
    for label in ("Where", "What matters", "What would it take", "Compare", "Share", "Who wins"):
        choose_by_keys(page, views, button_of(page, label))
        expect(button_of(page, label)).to_have_attribute("aria-checked", "true")
    press_until_focus(page, "Tab", page.get_by_role("button", name="Go to growth"))
    page.keyboard.press("Enter")
    now = wait_for_scenario(page, lambda scenario: scenario != case())
    assert now == change(case(), {"wechat": now["wechat"]})


def test_the_articles_questions_are_one_step_each(open_page):
    """Without concern: a chip; where: a view; by 2018: a click on the chart."""
    page = open_page("/", viewport={"width": 1366, "height": 768})
    page.locator("[class*=st-key-set_scenario] button").filter(has_text="Nobody worries").click()
    free = wait_for_scenario(page, lambda scenario: scenario["concern"] == 0)
    assert about(answer(free).total.line[-1, 0]) in said(page)
    page.go_back()
    settle(page)
    choose(page, "Where")
    picture = page.get_by_test_id("stVegaLiteChart")
    expect(picture.filter(has_text="Hong Kong")).to_be_visible()
    choose(page, "Over time")
    expect(picture).to_have_count(1)  # the other one is gone
    years = page.locator("g.role-axis-label text")
    x = years.filter(has_text=re.compile("^2018$")).bounding_box()
    box = page.get_by_test_id("stVegaLiteChart").bounding_box()
    page.mouse.click(x["x"] + x["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url(lambda url: "at=201" in url)
    settle(page)
    at = dict(view_of(page).views)["at"]
    assert at[:4] in ("2017", "2018")
    assert about(answer(until(case(), at)).total.line[-1, 0]) in said(page)


def shades(page, box):
    """Contrast of a part of the screen: of its lightest colour to its darkest one."""
    picture = Image.open(io.BytesIO(page.screenshot(clip=box))).convert("RGB")
    colours = np.unique(np.asarray(picture).reshape(-1, 3), axis=0)
    lights = [light(f"#{r:02x}{g:02x}{b:02x}") for r, g, b in colours]
    return (max(lights) + 0.05) / (min(lights) + 0.05)


@pytest.mark.full
def test_buttons_texts_and_the_chosen_view_are_seen_in_forced_colours(open_page):
    page = open_page("/", viewport={"width": 1366, "height": 768}, forced_colors="active")
    for place in (
        page.get_by_role("button", name="Undo"),
        button_of(page, "Where"),
        page.locator("[class*=st-key-set_scenario] button").first,
        page.locator("[data-testid=stMain] h2"),
    ):
        assert shades(page, place.bounding_box()) > 3
    look = (
        "(e) => { const s = getComputedStyle(e); return [s.color, s.backgroundColor, s.border]; }"
    )
    views = [button_of(page, label) for label in ("Over time", "Where")]
    assert views[0].evaluate(look) != views[1].evaluate(look)  # the chosen one


@pytest.mark.full
@pytest.mark.xfail(raises=AssertionError, reason="Streamlit draws them as backgrounds alone")
def test_a_slider_is_seen_in_forced_colours(open_page):
    """Its track and thumb, a clip without its texts."""
    page = open_page("/", viewport={"width": 1366, "height": 768}, forced_colors="active")
    thumb = page.evaluate(
        "(e) => { const b = e.closest('[data-rac][style*=left]').getBoundingClientRect();"
        " return b.y + b.height / 2; }",
        slider(page, MAIN[0]).element_handle(),
    )
    box = page.get_by_test_id("stSlider").filter(has=slider(page, MAIN[0])).bounding_box()
    assert shades(page, {"x": box["x"], "y": thumb - 5, "width": box["width"], "height": 10}) > 3


@pytest.mark.full
@pytest.mark.xfail(raises=AssertionError, reason="React Aria asks the browser's language")
def test_sliders_run_from_left_to_right_in_every_browser(open_page):
    """As the page does, which is in English: the lowest value at the left, the right arrow up."""
    page = open_page("/", locale="ar")
    press(page, "Security concern", "ArrowRight")
    assert view_of(page).scenario["concern"] > case()["concern"]


@pytest.mark.full
@pytest.mark.parametrize("locale", ["ar", "de"])
def test_a_browser_of_another_language_shows_the_same_page(open_page, locale):
    """Numbers, dates and the order of all parts are those of the page, not of the browser."""
    page = open_page("/?wechat=160", locale=locale)
    english = open_page("/?wechat=160")
    main = [one.get_by_test_id("stMain").inner_text() for one in (page, english)]
    assert main[0] == main[1] and tops(page) == tops(english)


PRINTED = ("h1", "h2", "[data-testid=stVegaLiteChart] svg, [data-testid=stVegaLiteChart] canvas")


def test_the_page_prints_headline_chart_changes_and_sources_without_controls(open_page):
    """On three sheets at most."""
    page = open_page("/?wechat=160&concern=30")
    page.emulate_media(media="print")
    for part in PRINTED:
        expect(page.locator(f"[data-testid=stMain] :is({part})").first).to_be_visible()
    main = page.get_by_test_id("stMain")
    for text in ("WeChat growth 1", "Security concern 25% → 30%", "Observed", "Sources"):
        expect(main.get_by_text(text).first).to_be_visible()
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf())) <= 3
    expect(slider(page, "WeChat growth")).not_to_be_visible()
