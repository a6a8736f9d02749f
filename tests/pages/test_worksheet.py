"""The worksheet: its key says what the model gives, worked out here anew from runs and data."""

import html
import re

import numpy as np
import pytest

from model.analysis.sampling import lines
from model.scenario.scenario import case, change
from pages.parts import cached, turns
from pages.parts.downloads import paper
from tests.kept import answer
from tests.pages.screen import (
    PLATFORMS,
    about,
    about_span,
    both_runs,
    data,
    digits,
    ends,
    line_of,
    million,
    month,
    open_page,
    producer,
    rough,
    times_of,
)
from tests.pages.test_screen_downloads import offered

LINK = "http://localhost:8501/?v=2"
SCENARIOS = {
    "untouched": case(),
    "changed": change(case("hard-line"), {"wechat": 160, "concern": 30.5}),
    "ahead": change(case(), {"wechat": 350, "concern": 0}),
}
WORDS = {
    "untouched": "",
    "changed": "?case=hard-line&wechat=160&concern=30.5",
    "ahead": "?wechat=350&concern=0",
}


@pytest.fixture(
    scope="module", params=[pytest.param(name, marks=pytest.mark.slow) for name in SCENARIOS]
)
def sheet(request):
    """A scenario and its worksheet."""
    scenario = SCENARIOS[request.param]
    return scenario, paper.worksheet_html(scenario, "Class 7 & 8", LINK)


def key(text):
    """The answers of the key, one a question, without the question."""
    items = text.partition('class="key"')[2].split('<li><span class="note">')[1:]
    parts = [item.partition("</span>")[2] for item in items]
    return [html.unescape(re.sub(r"\s+", " ", re.sub("<[^>]+>", "", one))).strip() for one in parts]


def test_the_key_has_the_numbers_of_the_model(sheet):
    scenario, text = sheet
    first, free, _, leader, *_ = key(text)
    now, without = both_runs(scenario)
    line, time = line_of(now.total[-1]), times_of(scenario)[-1]
    low, high = (end[-1, 0] for end in ends(scenario))
    assert first == (
        f"About {about(line[0])} WeChat users abroad by {month(time)}. "
        f"Four runs in five: {about_span(low, high)}."
    )
    if scenario["concern"]:
        costs = line_of(without.total[-1, 0]) - line[0]
        whole, cost = (float(n) for n in re.findall(r"about ([\d.]+) .* costs ([\d.]+)", free)[0])
        assert cost == pytest.approx(costs, rel=0.06)
        assert whole == pytest.approx(rough(line[0]) + cost, abs=0.51)
    else:
        assert free.startswith("Nobody worries about security here")
    most = int(line.argmax())
    ahead = 20 * float((now.total[-1, 0] > now.total[-1, 1]).mean())
    told = "no run" if ahead == 0 else "fewer than 1 run" if ahead < 0.5 else f"{ahead:.0f} run"
    assert leader.startswith(f"{PLATFORMS[most]}, with about {about(line[most])}. ")
    assert f"ahead of LINE in {told}" in leader


def test_the_key_names_the_market_and_the_evidence(sheet):
    scenario, text = sheet
    _, _, market, *_, evidence = key(text)
    names = data("markets").set_index("market")["name"]
    users = dict(zip(names.index, answer(scenario).market_ends.line[0].tolist(), strict=True))
    most = max(users.keys() - {"ROW"}, key=users.get)
    size = million(round(users[most], 2))
    assert f": {names[most]}, {size} (" in market
    totals = data("totals").set_index(["origin", "platform"])
    row = totals.loc[(scenario.origin, "WeChat")]
    grade = data("sources").set_index("source_id").grade[row.source_id]
    assert evidence.startswith(f"Grade {grade}, ") and producer(row.source_id) in evidence
    assert f"{digits(row.value_millions)} million ({digits(row.low)} to " in evidence
    assert "Single markets." in evidence and "The future." in evidence


def test_the_change_in_the_key_makes_wechat_pass_line(sheet):
    scenario, text = sheet
    takes = key(text)[4]
    if scenario["wechat"] == 350:
        assert takes.startswith("These settings meet the goal already")
        value = float(re.search(r"down to WeChat growth of ([\d.]+)", takes)[1])
    else:
        value = float(re.search(r"LINE growth would have to fall to ([\d.]+)", takes)[1])
    name = "wechat" if scenario["wechat"] == 350 else "line"
    near = lines(scenario, {name: value * np.array([0.99, 1.01])})
    below, above = (near[0] > near[1]).tolist()
    assert (below, above) == ((False, True) if name == "wechat" else (True, False))


def test_both_pages_say_title_question_and_link(sheet):
    scenario, text = sheet
    assert text.count("<h1>Class 7 &amp; 8</h1>") == 2 and text.count('<div class="lines">') == 6
    link = html.unescape(re.search(r'<a href="([^"]+)">', text)[1])
    assert text.count(f">{html.escape(link)}</a>") == 2
    name = next(name for name, one in SCENARIOS.items() if one == scenario)
    assert link == f"http://localhost:8501/{WORDS[name]}"


def test_where_the_search_takes_too_long_the_key_says_so(monkeypatch):
    def overdue(*_):
        raise turns.Overdue("These settings take too long.")

    monkeypatch.setattr(cached, "solved", overdue)
    assert key(paper.worksheet_html(case(), "", LINK))[4] == "These settings take too long."


@pytest.mark.slow
def test_share_gives_the_worksheet_of_the_quarter_that_is_shown():
    text = offered(at="2015Q2")["Worksheet"][0]()
    assert "WeChat users abroad by June 2015." in text and "by the end of March 2015" in text
    link = html.unescape(re.search(r'<a href="([^"]+)">', text)[1])
    assert link.endswith("?horizon=1.25")


def test_modellers_get_the_addresses_of_picture_and_number():
    app = open_page(open="share", wechat="160", at="2018Q4", title="Mine")
    (rows, *pictures) = next(one.value for one in app.code if "/api/" in one.value).splitlines()
    assert rows.endswith("/api/project.csv?wechat=160")
    words = "?wechat=160&at=2018Q4&title=Mine"
    ends = [one.partition("/api/")[2] for one in pictures]
    assert ends == [f"chart.png{words}", f"number.svg{words}"]
