"""The markets on the screen: what concern costs, and one market, against data and runs."""

import re

import numpy as np
import pytest
from numpy.testing import assert_allclose

from model.analysis.bands import market_paths
from model.scenario.scenario import case
from tests.kept import answer
from tests.pages.screen import (
    PLATFORMS,
    both_runs,
    by_year,
    charts,
    data,
    line_of,
    marks,
    million,
    producer,
    quarter,
    rough,
    seen,
    short,
    span,
    surveyed,
    times_of,
    titles,
    words,
)

NAMES = data("markets").set_index("market")["name"]
CODES = tuple(NAMES.index)


def view(**address):
    return seen(open="where", **address)


def chart(**address):
    """Specification and rows of the chart."""
    spec, frames = charts(view(**address))[-1]
    return spec, frames[""]


def people_online(scenario):
    """Million people online in each market at the end."""
    end = times_of(scenario)[-1]
    return np.array([by_year("addressable", "addressable_millions", m, end) for m in CODES])


def adds_up(said, parts, whole):
    """The sentence on sums: three numbers as they stand there, the first two of which add up."""
    numbers = re.search(
        r"add up to ([\d.]+) million of the ([\d.]+) million(?: lost)?; "
        r"\*\*([\d.]+) million\*\* are in one or another",
        said,
    )
    placed, total, rest = map(float, numbers.groups())
    assert placed + rest == pytest.approx(total)
    assert total == rough(whole) and placed == pytest.approx(parts, abs=0.51)


def test_the_tiles_say_how_many_users_no_market_has():
    now, _ = both_runs(case())
    middles = line_of(now.markets[-1, 0]).sum()
    adds_up(words(view()), middles, line_of(now.total)[-1, 0])


def test_two_states_of_a_market_are_said_where_its_runs_part():
    users, online = both_runs(case())[0].markets[-1, 0], people_online(case())
    for market in ("HKG", "MYS", "IND", "USA"):
        i = CODES.index(market)
        up, down = (users[i] >= 0.1 * online[i]).mean(), (users[i] <= 0.02 * online[i]).mean()
        said = (
            f"WeChat takes off here in **{round(10 * up)} of 10** runs, to 10% of people online or "
            f"more, and stays small in **{round(10 * down)} of 10**, at 2% of people online or "
            "fewer."
        )
        shown = words(view(market=market))
        assert (said in shown) == (up > 0.15 and down > 0.15) == ("takes off here" in shown)


def test_the_cost_by_market_is_that_of_concern():
    """The tiles say that of each (test_screen_tiles.py), the line below them how they add up."""
    _, rows = chart(show="cost")
    now, free = both_runs(case())
    whole = (line_of(free.total) - line_of(now.total))[-1, 0]
    adds_up(words(view(show="cost")), rows.lost.sum(), whole)


@pytest.mark.parametrize("market", ["DEU", "IND", "JPN", "ROW"])
@pytest.mark.parametrize("name", ["march-2014", "today"])
def test_the_facts_of_a_market_are_those_at_the_start(name, market):
    app, start = view(market=market, case=name), times_of(case(name))[0]
    said = words(app)
    online = by_year("addressable", "addressable_millions", market, start)
    born = by_year("migrants", "china_born", market, start) / 1e6
    assert f"**{million(online)}** people online" in said
    assert f"**{million(born)}** people born in China" in said
    share = by_year("concern", "concern", market, start)
    product = by_year("concern", "unfavourable", market, start) * by_year(
        "concern", "privacy", market, start
    )
    assert abs(share - product) < 0.02
    assert f"**{100 * share:.0f}%** worry: the share with an unfavourable view" in said
    first = surveyed(market, int(start))
    percent = f"{by_year('incumbents', 'share_pct', market, start):.0f}%"
    ends = "" if np.isnan(first["low"]) else f", range {first['low']:.0f} to {first['high']:.0f}%"
    strongest = f"use {first['messenger']}, the strongest established messenger{ends}"
    assert f"**{percent}** of people online {strongest}" in said


def plain(text):
    return text.replace("\\", "")


@pytest.mark.parametrize("market", ["IND", "THA"])
@pytest.mark.parametrize("name", ["march-2014", "today"])
def test_the_start_of_a_market_names_figure_range_and_source(name, market):
    app = view(market=market, case=name)
    said = [plain(text.value) for text in app.markdown]
    rows = data("installed_base")
    rows = rows[(rows.origin == case(name).origin) & (rows.market == market)]
    assert len(rows) == 3
    for row in rows.itertuples():
        makers = "; ".join(dict.fromkeys(producer(one) for one in row.source_id.split(";")))
        figure = f"{million(row.value_millions)} ({span(row.low, row.high)}, {row.basis})"
        assert f"- **{row.platform} {figure}**: {row.note} ({makers})" in said
    events = data("dated_events")
    events = events[[market in codes.split(";") for codes in events.markets]]
    dated = [text for text in said if re.match(r"- \d{4}-\d\d-\d\d, ", text)]
    assert len(dated) == len(events)
    for row, text in zip(events.itertuples(), dated, strict=True):
        makers = "; ".join(dict.fromkeys(producer(one) for one in row.source_id.split(";")))
        assert text == f"- {row.date}, {row.platform}: {row.summary} ({makers})"


@pytest.mark.parametrize("market", ["THA", "USA"])
def test_the_end_of_a_market_has_the_range_of_its_runs(market):
    app, i, found = view(market=market), CODES.index(market), answer(case())
    said = next(text.value for text in app.caption if text.value.startswith("In 2024,"))
    low, high = np.quantile(both_runs(case())[0].markets[-1, :, i], [0.1, 0.9], axis=-1)
    for k, name in enumerate(PLATFORMS):
        users = million(found.market_ends.line[k, i])
        assert f"{name} **{users}** ({span(low[k], high[k])})" in said
    online = people_online(case())[i]
    share = re.search(r"\*\*, (\d+)% of people online", said)[1]
    assert int(share) == round(100 * found.established.line[i] / online)
    low, high = found.established.low[i], found.established.high[i]
    shares = f"{100 * low / online:.0f} to {100 * high / online:.0f}%"
    assert f"% of people online ({span(low, high)}, {shares})." in said


def test_the_chart_of_a_market_has_units_and_ranges():
    spec, rows = chart(market="THA")
    assert spec["title"]["text"] == "Million users, square-root scale"
    assert titles(spec, "tooltip")["users"] == "Users, million"
    i = CODES.index("THA")
    low, high = np.quantile(both_runs(case())[0].markets[-1, :, i], [0.1, 0.9], axis=-1)
    for k, name in enumerate(PLATFORMS):
        own = rows[(rows.name == name) & (rows.kind == "line")]
        assert_allclose(own.users, market_paths(case()).markets[:, k, i], atol=1e-4)
        assert list(own.quarter) == [quarter(time) for time in times_of(case())]
        (end,) = rows[(rows.name == name) & (rows.kind == "end")].itertuples()
        assert_allclose([end.low, end.high], [low[k], high[k]], atol=1e-4)
        users = short(million(market_paths(case()).markets[-1, k, i]))
        assert f"{name} {users}" in set(rows.name[rows.kind == "label"])
    fields = {
        (m["encoding"]["y"]["field"], m["encoding"]["y2"]["field"])
        for m in marks(spec)
        if "y2" in m["encoding"]
    }
    assert fields == {("low", "high"), ("low50", "high50")}


@pytest.mark.parametrize(("market", "name"), [("THA", "LINE"), ("KOR", "KakaoTalk")])
def test_the_figures_of_a_market_are_drawn_where_they_were_published(market, name):
    _, rows = chart(market=market)
    drawn = rows[(rows.kind == "figure") & (rows.name == name) & (rows.basis == "published")]
    known = data("observed")
    known = known[(known.platform == name) & (known.geography == market)]
    known = known[known.metric.isin(["users", "users, company profile"])]
    years = known.quarter.map(lambda one: int(one[:4]) + int(one[5]) / 4)
    inside = (years > 2014.25) & (years <= 2024.25)
    assert len(drawn) == inside.sum() > 0
    pairs = sorted(zip(years[inside], known.value[inside], strict=True))
    assert_allclose(sorted(zip(drawn.year, drawn.users, strict=True)), pairs, atol=1e-4)


@pytest.mark.parametrize("horizon", ["2", "4"])
def test_few_users_in_a_market_are_not_called_none(horizon):
    """In Brazil 0.36 million at the start; the line below the picture gives two decimals."""
    app = view(market="BRA", wechat="0", attrition="300", barrier="100", horizon=horizon)
    middle = line_of(both_runs(app.session_state["scenario"])[0].markets[-1, 0])
    users = middle[CODES.index("BRA")]
    size = f"about **{rough(users):g} million**" if users >= 0.05 else "fewer than **0.1 million**"
    assert f"By {2014 + int(horizon)} {size} use WeChat in Brazil" in words(app)
