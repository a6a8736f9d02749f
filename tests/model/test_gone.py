"""Former settings: a link, file or command that sets one is told what counts, and runs.

The names are those that the project had as settings until they became parameters of the fit.
"""

from dataclasses import replace
from urllib.parse import urlencode

import pytest

from model.cli.parser import main
from model.scenario.gone import former_settings
from model.scenario.links import View, from_query, link_view, parse_link, to_query
from model.scenario.scenario import Scenario, case, cases, change, value_text
from model.scenario.settings import SettingError, all_parameters, all_settings

PARAMETERS = (
    "wechat_start line_start kakao_start wechat_core line_core kakao_core kakao_innovation "
    "line_japan line_key line_indonesia kakao_korea descent_ties descent_growth elasticity "
    "active_home active_abroad incident_half_life"
).split()
REPLACED = ("descent_ties", "descent_growth")  # by the circle of Chinese descent
LINE_TIES = "LINE home ties (line_core=10) is no longer a setting; the fit's 5% is used"
RIVALS = (
    'rivals_until=2020 is no longer a setting; "All three advertise abroad until" (until), '
    "end of 2016, counts for it"
)


def test_former_settings_are_parameters_or_part_of_a_setting():
    assert {*PARAMETERS} - {*REPLACED} <= {*all_parameters()}
    assert {*former_settings()} == {*all_parameters(), *REPLACED, "rivals_until"}
    assert not former_settings().keys() & all_settings().keys()


def test_nobody_sets_a_parameter():
    """It changes with the case alone."""
    for name in all_parameters():
        with pytest.raises(SettingError, match="is not a setting"):
            change(case(), {name: all_parameters()[name].value})
    found = change(change(case(), {"wechat": 99}), {"case": "today"})
    assert isinstance(found, Scenario) and found.parameters == case("today").parameters


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("line_core=10", LINE_TIES),
        ("line_core=10%25", LINE_TIES.replace("=10", "=10%")),
        ("rivals_until=2020", RIVALS),
        ("rivals_until=2020&until=2018", RIVALS.replace("2016", "2018")),
        ("case=today&kakao_core=20", "KakaoTalk home ties (kakao_core=20) is no longer a setting; "
         "the fit's 95% is used"),
        ("line_start=x%0Ay", "LINE starting users (line_start='x\\ny') is no longer a setting; "
         "the fit's 100% is used"),
        ("descent_growth=95", 'descent_growth=95 is no longer a setting; "Circle of Chinese '
         'descent in other markets" (descent), 100%, counts for it'),
        ("pin=march-2014~line_core.10~concern.40", f"pin: {LINE_TIES}"),
        ("table=march-2014~concern.40~rivals_until.2020", f"table: {RIVALS}"),
        ("outside=china&band=errors", "outside=china is no longer a choice; each messenger is "
         "counted outside its home market"),
        ("band=settings", "band=settings is no longer a choice; the range includes past forecast "
         "error"),
        ("scale=even&outside=home", "scale=even is no longer a choice; the chart has a square-root "
         "scale"),
    ],
)  # fmt: skip
def test_an_older_link_is_told_what_counts_and_loses_nothing_else(text, said):
    link = f"?{text}&wechat=150"
    view, notes = from_query(parse_link(link))
    assert notes == [said]
    assert view.scenario["wechat"] == 150
    for one in [view.pin, *(scenario for _, scenario in view.table)]:
        assert one is None or one == change(case(), {"concern": 40})
    assert link_view(link) == (replace(view, views=()), [said])
    assert not to_query(view, full=True).keys() & former_settings().keys()


def test_an_origin_that_is_gone_becomes_the_one_that_counts_for_it():
    view, notes = from_query(parse_link("?case=today&origin=2024Q2&concern=40"))
    assert view.scenario == change(case("today"), {"concern": 40})
    assert notes == ["origin=2024Q2 is no longer a choice; using 2025Q3"]


@pytest.mark.parametrize("name", list(cases()))
def test_a_complete_older_link_with_the_same_values_says_nothing(name):
    """All that are left, and advertising that ends with `until`."""
    scenario = case(name)
    words = {one: value_text(scenario[one]) for one in PARAMETERS if one not in REPLACED}
    words |= to_query(View(scenario=scenario), full=True)
    words["rivals_until"] = words["until"]
    assert link_view(urlencode(words)) == (View(scenario=scenario), [])


def test_a_bad_word_beside_it_is_still_an_error():
    with pytest.raises(SettingError, match="concern: 101"):
        link_view("line_core=10&concern=101")
    both = "active_share=29&line_core=10"
    assert [note.partition(";")[0] for note in link_view(both)[1]] == [
        "active_share=29 is no longer a choice",
        LINE_TIES.partition(";")[0],
    ]


def test_a_command_says_it_beside_its_rows(capsys):
    """On stderr; the rows are those without it."""
    assert main(["project", "--set", "horizon=1"]) == 0
    plain = capsys.readouterr().out
    assert main(["project", "--set", "horizon=1", "--set", "line_core=10"]) == 0
    found = capsys.readouterr()
    assert found.out == plain and found.err == f"python -m model: {LINE_TIES}\n"
