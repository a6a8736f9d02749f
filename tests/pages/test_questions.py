"""The questions below the chart, without a browser: each opens, and says what the model says."""

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from streamlit.testing.v1 import AppTest

from model.analysis.attribution import explain
from model.analysis.sampling import runs
from model.evidence.reader import load_evidence
from model.messengers import PLATFORMS
from model.number_text import about, about_range, range_text, users_text
from model.scenario.links import from_query
from model.scenario.scenario import case, cases, change
from model.scenario.story import story_steps
from pages.parts import cached, wording
from pages.parts.charts import fan_data, market_charts, market_data, theme, waterfall
from tests.kept import answer

ROOT = Path(__file__).parents[2]
TOOLS = ("markets", "compare", "solve", "lead", "levers", "story", "share")
EXTREMES = [
    {},
    {"case": "today"},
    {"wechat": "0", "line": "0", "kakao": "0"},
    {"concern": "100", "barrier": "100"},
    {"concern": "0", "barrier": "0"},
    {"horizon": "1"},
    {"case": "hard-line", "attrition": "200", "marketing": "0"},
]


def open_app(**address):
    app = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    for name, value in address.items():
        app.query_params[name] = value
    return app.run()


def button(app, label):
    return next(button for button in app.button if button.label.startswith(label))


def words(app):
    return " ".join(text.value for text in [*app.header, *app.markdown, *app.caption])


@pytest.mark.parametrize("settings", EXTREMES, ids=str)
@pytest.mark.parametrize("tool", TOOLS)
def test_every_question_opens_at_the_extremes(tool, settings):
    app = open_app(open=tool, **settings)
    assert not app.exception
    assert not app.error
    assert not app.warning


@pytest.mark.parametrize("show", ["lead", "years", "cost", "table", "one"])
def test_every_view_of_the_markets(show):
    app = open_app(open="markets", show=show, market="SGP")
    assert not app.exception
    assert not app.warning
    if show == "one":
        assert app.selectbox(key="market").value == "SGP"


def test_an_unknown_market_is_named():
    app = open_app(open="markets", show="one", market="XXX")
    assert not app.exception
    assert "XXX" in app.warning[0].value


def test_cost_by_market_adds_up_to_the_cost_of_the_headline():
    result = answer(case())
    whole = result.without_concern[-1, 0] - result.path[-1, 0]
    assert_allclose(result.lost.sum(), whole, rtol=1e-9)
    rows = market_data.cost(result)
    assert rows.lost.is_monotonic_decreasing
    assert_allclose(rows.lost.sum(), whole, atol=0.01 * len(rows))


def test_pin_then_move_shows_the_difference():
    app = open_app(open="compare")
    assert "Nothing is pinned" in words(app)
    button(app, "Pin this").click().run()
    assert "The same as the pinned scenario" in words(app) and not app.dataframe
    assert "No difference yet" in words(app)
    app.slider(key="set_concern").set_value(0).run()
    apart = answer(change(case(), {"concern": 0})).path[-1] - answer(case()).path[-1]
    assert about(apart[0]) in words(app)
    rows = app.dataframe[0].value.set_index("Market")
    assert_allclose(rows[list(PLATFORMS)].sum(), apart, atol=0.051 * len(rows))
    ends = rows.Range.str.split(" to ", expand=True).astype(float)
    assert not (ends[0] > ends[1]).any() and (ends[0] < ends[1]).sum() > 5
    assert (rows.Percent > 0).all()
    assert dict(app.query_params)["pin"] in (case().case, [case().case])
    button(app, "Swap").click().run()
    assert app.slider(key="set_concern").value == case()["concern"]
    button(app, "Unpin").click().run()
    assert "pin" not in dict(app.query_params)


def test_several_scenarios_in_one_table_are_kept_in_the_link():
    app = open_app(open="compare")
    app.text_input(key="row_name").input("As the article").run()
    button(app, "Add to the table").click().run()
    app.slider(key="set_wechat").set_value(300).run()
    app.text_input(key="row_name").input("~Fast <b>").run()
    button(app, "Add to the table").click().run()
    shown = app.dataframe[-1].value
    assert list(shown["Scenario"]) == ["As the article", "~Fast <b>"]
    assert app.text_input(key="row_name").value == ""  # the next row is another scenario
    fast = answer(change(case(), {"wechat": 300})).path[-1]
    assert_allclose(shown["WeChat, million"].iloc[1], fast[0], atol=0.05)
    address = {k: v if isinstance(v, list) else [v] for k, v in dict(app.query_params).items()}
    view, notes = from_query(address)
    assert not notes
    assert [title for title, _ in view.table] == ["As the article", "~Fast <b>"]


def test_a_solve_card_sets_the_slider_and_reaches_the_goal():
    app = open_app(open="solve", case="no-concern")
    app.selectbox(key="goal").select("pass-kakao").run()
    button(app, "Use this").click().run()
    assert not app.exception
    view, _ = from_query({k: [v] if isinstance(v, str) else v for k, v in app.query_params.items()})
    end = answer(view.scenario).path[-1]
    assert_allclose(end[0], end[2], rtol=2e-3)
    assert view.scenario != case("no-concern")


def test_the_story_sets_the_sliders_and_keeps_them():
    app = open_app(open="story")
    button(app, "Begin").click().run()
    for step in story_steps():
        assert step.title in words(app)
        assert about(answer(step.scenario).path[-1, 0]) in headline_of(app)
        if step is not story_steps()[-1]:
            button(app, "Next").click().run()
    app.slider(key="set_concern").set_value(80).run()
    app.run()
    button(app, "Set the sliders again").click().run()
    assert app.slider(key="set_concern").value == story_steps()[-1].scenario["concern"]
    app.slider(key="set_concern").set_value(80).run()
    app.run()
    next(one for one in app.get("button_group") if one.key == "open").set_value("markets").run()
    assert story_steps()[-1].title in words(app)  # another question does not end the story
    button(app, "End the story").click().run()
    assert story_steps()[-1].title not in words(app)
    assert app.slider(key="set_concern").value == 80


def test_what_the_story_says_is_so():
    """Step 3: WeChat passes KakaoTalk and LINE stays ahead; step 4: the barrier weighs more."""
    calm = answer(story_steps()[2].scenario).path[-1]
    assert calm[2] < calm[0] < calm[1]
    worried = answer(case()).path[-1, 0]
    free = answer(change(case(), {"barrier": 0})).path[-1, 0]
    assert free - worried > calm[0] - worried > 0


def test_a_title_is_plain_text():
    app = open_app(title="<script>alert(1)</script> **loud** [x](http://y)")
    shown = next(text.value for text in app.caption if "alert" in text.value)
    assert r"\<script\>" in shown
    assert r"\*\*loud\*\*" in shown
    assert r"\[x\]" in shown


def test_the_concern_that_wechat_can_bear():
    """The question that has it: below its answer WeChat is ahead, above it is not."""
    for settings in ({"concern": 0}, {"wechat": 230}, {"case": "all-in", "concern": 60}):
        app = open_app(open="solve", **{name: str(value) for name, value in settings.items()})
        said = next(text.value for text in app.markdown if "**Security concern**" in text.value)
        value = float(re.search(r"([\d.]+)%", said)[1])
        scenario = change(case(settings.pop("case", "march-2014")), settings)
        for factor in (0.95, 1.05):
            end = answer(change(scenario, {"concern": factor * value})).path[-1]
            assert (end[0] > end[2]) == (factor < 1), said


def test_a_link_says_when_its_number_moved():
    app = open_app(v="2", case="march-2014", wechat="160", said="121", data="2020-01-01.abcdef")
    now = users_text(answer(change(case(), {"wechat": 160})).path[-1, 0])
    said = app.warning[0].value.replace("\\", "")
    assert f"It showed 121 million, now {now}" in said
    assert "2020-01-01.abcdef" in said
    button(app, "Dismiss").click().run()
    assert not app.warning


def test_a_complete_link_of_today_opens_without_a_note():
    app = open_app(open="share", wechat="160", pin="no-concern~line.150", title="Mine")
    link = app.code[0].value
    again = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    for name, values in parse_qs(urlsplit(link).query).items():
        again.query_params[name] = values
    again.query_params["open"] = "share"
    again.run()
    assert not again.warning
    assert headline_of(again) == headline_of(app)
    assert again.code[0].value == link


def test_who_opens_a_link_does_not_see_the_box_that_made_it():
    app = open_app(open="share", wechat="160")
    links = [app.code[0].value, app.code[1].value]
    assert not any("open=" in link for link in links)


def test_a_refused_value_is_not_taken_for_a_change_of_the_model():
    app = open_app(v="2", concern="500", said="192", data="2026-01-01.abcdef")
    said = app.warning[0].value.replace("\\", "")
    assert "It showed 192 million" in said and "not all of its values could be used" in said
    assert "the model changed" not in said and "concern: 500 is outside" in said


def test_a_difference_is_of_the_year_that_both_have():
    app = open_app(pin="hard-line~horizon.3")
    assert "WeChat users by March 2017 than in the pinned" in words(app)


def test_the_events_are_counted_as_they_are_switched():
    app = open_app()
    next(one for one in app.toggle if one.key == "fold_events").set_value(True).run()
    for count in (1, 2):
        app.toggle(key=("set_event_india-ban", "set_event_us-ban")[count - 1]).set_value(True).run()
        assert next(one for one in app.toggle if one.key == "fold_events").label.endswith(
            f"({count} of {len(load_evidence().switches)} on)"
        )
    assert "on the way: " in words(app)


def test_a_row_without_a_name_says_that_its_case_was_changed():
    app = open_app(open="compare", case="no-concern", concern="100")
    button(app, "Add to the table").click().run()
    assert list(app.dataframe[-1].value["Scenario"]) == [f"{cases()['no-concern'].label}, changed"]


def test_the_strip_of_a_phone_shows_the_range_of_the_headline():
    result = answer(case())
    inside = wording.short(result).partition("(")[2].rstrip(")")
    assert f": **{inside}**. " in wording.sentence(result)


def test_a_newer_format_is_refused_with_a_sentence():
    app = open_app(v="99", wechat="300")
    assert len(app.warning) == 1
    assert "99" in app.warning[0].value
    assert app.slider(key="set_wechat").value == case()["wechat"]


def test_what_is_folded_away_is_not_computed():
    asked = (cached.tornado, cached.lead_map, cached.solved, cached.comparison)
    before = [list(question.results) for question in asked]
    app = open_app(wechat="187")
    app.slider(key="set_line").set_value(185).run()
    assert [list(question.results) for question in asked] == before


def test_clearing_the_box_of_cases_pins_nothing_and_a_case_can_be_pinned_again():
    app = open_app(open="compare")
    app.selectbox(key="pin_case").select("hard-line").run()
    assert dict(app.query_params)["pin"] in ("hard-line", ["hard-line"])
    button(app, "Unpin").click().run()
    assert app.selectbox(key="pin_case").value is None
    app.selectbox(key="pin_case").set_value(None).run()
    assert "pin" not in dict(app.query_params)
    app.selectbox(key="pin_case").select("hard-line").run()
    assert dict(app.query_params)["pin"] in ("hard-line", ["hard-line"])


def test_the_year_of_the_goal_follows_the_end_of_the_chart():
    app = open_app(open="solve")
    chosen = next(box for box in app.selectbox if box.label == "By the end of")
    assert chosen.value == "2024Q1"
    app.slider(key="set_horizon").set_value(7).run()
    chosen = next(box for box in app.selectbox if box.label == "By the end of")
    assert chosen.value == "2021Q1"


def test_a_year_is_the_one_in_which_the_path_ends():
    """One year and a half from March 2014 ends in September 2015, in words and in the table."""
    app = open_app(open="compare", horizon="1.5", table="march-2014~horizon.1.5")
    assert headline_of(app).endswith(" by September 2015")
    assert list(app.dataframe[-1].value["By"]) == [2015]


def test_the_title_box_shows_the_title_of_what_was_opened():
    app = open_app(open="share", title="First")
    assert app.text_input(key="typed").value == "First"


def test_undo_is_there_before_the_first_move():
    app = open_app()
    before = headline_of(app)
    button(app, "Undo").click().run()
    assert not app.exception
    assert headline_of(app) == before


def headline_of(app):
    return app.header[0].value


def test_many_notes_stand_in_one_box():
    app = open_app(wechat="x", line="y", kakao="z")
    assert len(app.warning) == 1
    for value in ("'x'", "'y'", "'z'"):
        assert value in app.warning[0].value


def test_the_axes_reach_over_a_pinned_scenario():
    """Whichever of the two ends later or begins earlier; the labels stay at the end of the path."""
    for horizon, pinned in ((5, case()), (10, change(case("today"), {"horizon": 2}))):
        now, other = answer(change(case(), {"horizon": horizon})), answer(pinned)
        alone, both = fan_data.fan(now), fan_data.fan(now, pinned=other)
        (axis,), (plain,) = both["axis"].to_pylist(), alone["axis"].to_pylist()
        assert axis["start"] == min(plain["start"], other.times[0]) <= now.times[0]
        assert axis["end"] == max(now.times[-1], other.times[-1]) > plain["end"] == now.times[-1]
        assert axis["top"] >= other.path.max()
        assert set(both["end"]["year"].to_pylist()) == {now.times[-1]}
        assert both["pinned"].num_rows == other.path.size


def table_of(name):
    """A file of data/ as it stands there."""
    return pd.read_csv(ROOT / "data" / f"{name}.csv", keep_default_na=False, na_values=[""])


def by_year(name, column, market, time):
    """A yearly column of a market at a decimal year: figures stand for the middle of their year."""
    rows = table_of(name)
    rows = rows[rows.market == market].sort_values("year")
    return float(np.interp(time, rows.year + 0.5, rows[column]))


def surveyed(market, year):
    """The row of a market whose year is nearest, the earlier of two."""
    rows = table_of("incumbents")
    rows = rows[rows.market == market].sort_values("year").to_dict("records")
    return min(rows, key=lambda row: (abs(row["year"] - year), row["year"]))


def expected_share(scenario, market, time):
    """% of people online on the strongest established messenger, worked out from the tables."""
    if "incumbents" in scenario.events:
        return by_year("incumbents", "share_pct", market, time)
    start = 2014.25 if scenario.origin == "2014Q1" else 2024.5
    first = by_year("incumbents", "share_pct", market, start)
    base = table_of("installed_base")
    users = base[(base.origin == scenario.origin) & (base.market == market)].value_millions.max()
    taken = users / by_year("addressable", "addressable_millions", market, start)
    most = table_of("constants").set_index("name").value["incumbent_most"]
    won = 1 - (1 - scenario["incumbent_growth"] / 100) ** (time - start)
    return first + max(most - first, 0) * (1 - min(taken, 1)) * won


@pytest.mark.parametrize("name", ["march-2014", "as-it-happened", "today"])
def test_the_table_has_the_strongest_established_messenger(name):
    """Name, users and share from data/; it counts for who has most users."""
    scenario, result = case(name), answer(case(name))
    app = open_app(open="markets", show="table", case=name)
    rows = app.dataframe[-1].value.set_index("Market")
    end = result.times[-1]
    labels = table_of("markets").set_index("market")["name"]
    year = int(re.search(r" by \w+ (\d{4})$", headline_of(app))[1])
    for i, market in enumerate(result.names):
        row = rows.loc[labels[market]]
        online = by_year("addressable", "addressable_millions", market, end)
        assert row["Established"] == surveyed(market, year)["messenger"]
        assert row["EstablishedUsers"] == pytest.approx(result.established[-1, i], abs=0.006)
        share = 100 * result.established[-1, i] / online
        assert row["EstablishedShare"] == pytest.approx(share, abs=0.006)
        assert share == pytest.approx(expected_share(scenario, market, end), abs=5)
        users = dict(zip(PLATFORMS, result.markets[-1, :, i], strict=True))
        assert [row[one] for one in PLATFORMS] == pytest.approx(list(users.values()), abs=0.006)
        most = max([*users.values(), result.established[-1, i]])
        leader = next((one for one in PLATFORMS if users[one] == most), row["Established"])
        assert row["Most users"] == leader
        assert row["Share"] == pytest.approx(100 * users["WeChat"] / online, abs=0.006)
        assert row["Lost"] == pytest.approx(result.lost[i], abs=0.006)
    assert "Leader" not in rows and {"WhatsApp", "LINE"} <= set(rows["Most users"])
    columns = {name: one["label"] for name, one in market_data.COLUMNS.items()}
    assert columns["EstablishedUsers"] == "Established, million"
    assert columns["EstablishedShare"] == "Established, % online"


def test_surveys_give_the_established_share_where_they_are_switched_on():
    """At the end of 2023Q4 the table says what data/incumbents.csv does, to two points."""
    scenario = change(case("as-it-happened"), {"horizon": 9.75})
    result = answer(scenario)
    frame = market_data.table(result)
    for market in result.names:
        share = by_year("incumbents", "share_pct", market, result.times[-1])
        assert frame.EstablishedShare[market] == pytest.approx(share, abs=2)


@pytest.mark.parametrize("market", ["ESP", "IDN", "KOR", "ROW"])
@pytest.mark.parametrize("name", ["march-2014", "today"])
def test_one_market_shows_the_established_messenger_and_the_ranges(name, market):
    result = answer(case(name))
    i, end = result.names.index(market), result.times[-1]
    app = open_app(open="markets", show="one", market=market, case=name)
    year = int(re.search(r" by \w+ (\d{4})$", headline_of(app))[1])
    last = surveyed(market, year)["messenger"]
    online = by_year("addressable", "addressable_millions", market, end)
    said = next(text.value for text in app.markdown if text.value.startswith(f"In {year},"))
    for k, one in enumerate(PLATFORMS):
        low, high = (part[k, i] for part in (result.market_low, result.market_high))
        users = users_text(result.markets[-1, k, i])
        assert f"{one} **{users}** ({range_text(low, high)})" in said
    users, low, high = (
        part[-1, i]
        for part in (result.established, result.established_low, result.established_high)
    )
    share = [f"{100 * part / online:.0f}" for part in (users, low, high)]
    assert f"{last} **{users_text(users)}**, {share[0]}% of people online" in said
    assert f"({range_text(low, high)}, {share[1]} to {share[2]}%)" in said
    start = 2014.25 if name == "march-2014" else 2024.5
    row = surveyed(market, int(start))
    card = next(card for card in app.metric if card.label == "Strongest established messenger")
    assert card.value == f"{by_year('incumbents', 'share_pct', market, start):.0f}%"
    ranged = "" if np.isnan(row["low"]) else f", range {row['low']:.0f} to {row['high']:.0f}%"
    assert card.delta == row["messenger"] + ranged
    assert "Strongest established messenger: % of people online" in words(app)


def test_the_chart_of_one_market_has_every_messenger_under_its_name():
    result = answer(case())
    for market in ("ESP", "THA", "KOR"):
        i = result.names.index(market)
        frame = market_data.one_market(result, market)
        for k, name in enumerate([*PLATFORMS, theme.ESTABLISHED]):
            rows = frame[frame.kind == name]
            own = result.established[:, i] if k == 3 else result.markets[:, k, i]
            low = result.established_low[:, i] if k == 3 else result.market_low[k, i]
            high = result.established_high[:, i] if k == 3 else result.market_high[k, i]
            assert_allclose(rows.users, own, atol=1e-4)
            assert_allclose(rows.year, result.times)
            assert_allclose(rows.low.dropna(), low, atol=1e-4)
            assert_allclose(rows.high.dropna(), high, atol=1e-4)
            assert rows.low.count() == (rows.year.size if k == 3 else 1)
            assert set(rows.name) == {surveyed(market, 2024)["messenger"] if k == 3 else name}
            assert rows.label_at.count() == 1 and np.isfinite(rows.label_at.iloc[-1])
        places = np.sqrt(np.sort(frame.label_at.dropna()))
        assert np.diff(places).min() > 0.079 * places.max()  # no label over another
    spec = cached.spec(market_charts.one_market)
    kinds = {layer["encoding"].get("y", {}).get("scale", {}).get("type") for layer in spec["layer"]}
    assert kinds == {"sqrt"}


def cost_of(scenario):
    """The cost of concern worked out from the runs: line, 10th and 90th of a hundred."""
    now, free = runs(scenario, concerns=(scenario["concern"], 0.0))
    ends = [np.sort(one.total[-1, 0])[64:192].mean() for one in (now, free)]
    low, high = np.quantile(free.total[-1, 0] - now.total[-1, 0], [0.1, 0.9])
    return ends[1] - ends[0], low, high, ends[1]


@pytest.mark.parametrize("name", ["march-2014", "hard-line", "super-app", "today"])
def test_the_cost_of_concern_has_its_range(name):
    scenario = case(name)
    cost, low, high, free = cost_of(scenario)
    assert low < cost < high
    assert (
        f"Without security concern: about {about(free)}. Concern costs about **{about(cost)}** "
        f"({about_range(low, high)})."
    ) in words(open_app(case=name))


def test_the_cost_where_nobody_worries():
    assert "concern costs WeChat nothing" in words(open_app(case="no-concern"))


@pytest.mark.parametrize(
    ("cost", "low", "high", "said"),
    [
        (31.2, 6.6, 99.8, "about 67 million. Concern costs about **31 million** (6.6 to 100 mill"),
        (31.2, 0.0, 99.8, "(0 to 100 million)."),
        (1.0, 0.5, 1.5, "about 37 million. Concern costs about **1 million** (0.5 to 1.5 million)"),
        (
            900.0,
            6.0,
            1200.0,
            "about 940 million. Concern costs about **900 million** (6 million to",
        ),
        (0.0, 0.0, 0.0, "about 36 million. Concern costs **next to nothing** (none)."),
        (0.0, 0.0, 2.0, "Concern costs **next to nothing** (0 to 2 million)."),
        (3.0, -1.0, 9.0, "(1 million gained to 9 million lost)."),
        (
            -2.0,
            -9.0,
            -1.0,
            "brings WeChat about **2 million** (9 million gained to 1 million gained",
        ),
    ],
)
def test_the_sentence_of_the_cost_is_true_at_its_edges(cost, low, high, said):
    result = answer(case())
    path, free = result.path.copy(), result.without_concern.copy()
    path[-1, 0], free[-1, 0] = 35.7, 35.7 + cost
    other = replace(
        result, path=path, without_concern=free, cost=cost, cost_low=low, cost_high=high
    )
    assert said in wording.cost(other, case())


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        ((0.0, 0.0), "Ahead of LINE in no run, of KakaoTalk in no run."),
        ((1.0, 1.0), "Ahead of LINE in every run, of KakaoTalk in every run."),
        ((1 / 64, 63 / 64), "Ahead of LINE in 2% of runs, of KakaoTalk in 98%."),
        ((0.0, 0.5), "Ahead of LINE in no run, of KakaoTalk in 50% of runs."),
        ((0.5, 1.0), "Ahead of LINE in 50% of runs, of KakaoTalk in every run."),
    ],
)
def test_the_lead_is_a_share_of_runs(ahead, said):
    other = replace(answer(case()), ahead=np.array(ahead))
    assert wording.reach(other).endswith(said)


def test_the_limits_say_how_often_such_ranges_were_right():
    said = wording.limits(0.734)
    assert "In the record of this model such ranges held 73% of what came" in said
    assert "1 to 5 years ahead" in said and "WeChat abroad" in said


@pytest.mark.parametrize("tool", TOOLS)
def test_nothing_speaks_of_draws(tool):
    app = open_app(open=tool, pin="hard-line")
    shown = words(app)
    for table in app.dataframe:
        shown += " ".join(map(str, table.value.columns))
    assert not re.search(r"\bdraws?\b", shown)


def test_questions_say_from_how_many_runs_they_are():
    assert "Worked out at 81 places" in words(open_app(open="lead"))
    assert "the line, the middle of the runs, just meets the goal" in words(open_app(open="solve"))
    assert "WhatsApp and other established messengers are not on this map" in words(
        open_app(open="lead")
    )


def test_a_link_of_before_the_runs_opens_and_says_that_its_number_changed():
    """As the page wrote it, with every value; active_share is gone, concern was 50 by default."""
    old = {"v": "2", "case": "march-2014", "origin": "2014Q1", "events": "none", "wechat": "135"}
    old |= {"concern": "50", "barrier": "70", "attrition": "55", "outside": "china"}
    old |= {"said": "53.1", "data": "2026-02-10.3f9a2c"}
    scenario = change(
        case(), {name: old[name] for name in ("wechat", "concern", "barrier", "attrition")}
    )
    now = users_text(answer(scenario).path[-1, 0])
    app = open_app(**old)
    assert not app.exception
    assert app.slider(key="set_concern").value == 50
    assert about(answer(scenario).path[-1, 0]) in headline_of(app)
    said = app.warning[0].value.replace("\\", "")
    assert f"It showed 53.1 million, now {now}" in said and "2026-02-10.3f9a2c then" in said
    app = open_app(**old, active_share="29")
    assert not app.exception and about(answer(scenario).path[-1, 0]) in headline_of(app)
    said = app.warning[0].value.replace("\\", "")
    assert f"It showed 53.1 million, now {now}" in said


def test_the_waterfall_leads_from_the_pinned_total_to_the_present_one():
    """Bars join, the last one ends at the headline; the switch alone makes it."""
    app = open_app(open="compare", pin="march-2014", concern="60", wechat="200", marketing="400")
    assert len(app.get("vega_lite_chart")) == 2
    app.toggle(key="fold_explain").set_value(True).run()
    assert not app.exception
    now = change(case(), {"concern": 60, "wechat": 200, "marketing": 400})
    rows = waterfall.waterfall_rows(explain(case(), now))
    assert list(rows.kind) == ["total", "somebody decides", "assumption", "assumption", "total"]
    assert_allclose(rows["from"].iloc[1:-1], rows["to"].iloc[:-2])
    assert_allclose(
        rows["to"].iloc[[0, -2, -1]],
        [answer(one).path[-1, 0] for one in (case(), now, now)],
        rtol=1e-6,
    )
    assert rows.label.iloc[0] == "Pinned scenario" and "25% → 60%" in list(rows.change)
    assert "Security concern made the largest part" in words(app)
    assert len(app.get("vega_lite_chart")) == 3
    shorter = open_app(open="compare", pin="march-2014", horizon="5", fold_explain="")
    shorter.toggle(key="fold_explain").set_value(True).run()
    assert "start or end at different times" in words(shorter)


def test_a_waterfall_of_many_settings_has_one_bar_for_the_small_ones():
    found = explain(case(), case("as-it-happened"))
    rows = waterfall.waterfall_rows(found)
    assert len(rows) == len(found.contributions) + 2 == 10
    assert rows.label.iloc[-2] == "All smaller changes together"
    assert rows.change.iloc[-2].endswith(" settings")
    assert rows["to"].iloc[-2] == pytest.approx(found.after)
