"""data/ is sound, and a fault in any file is refused by file, row and value."""

import csv
import datetime
import json
import math
import re
import shutil
from collections import Counter
from functools import cache
from pathlib import Path

import frictionless
import numpy as np
import pytest
from numpy.testing import assert_allclose

from model.evidence import reader
from model.evidence.reader import DataError, read_evidence, read_table

DATA = Path(__file__).parents[2] / "data"
FILES = sorted(path.stem for path in DATA.glob("*.csv"))
YEARS = [str(year) for year in range(2010, 2036)]


def read(name, folder=DATA):
    """The cells of a file, header first, as text; read without the project's reader."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


TABLES = {name: read(name) for name in FILES}


def rows(name):
    """The rows of a table as dictionaries of text."""
    header, *cells = TABLES[name]
    return [dict(zip(header, row, strict=True)) for row in cells]


MARKETS = [row["market"] for row in rows("markets")]
BASE = {
    (row["origin"], row["platform"], row["market"]): float(row["value_millions"])
    for row in rows("installed_base")
}


# What the figures must be


def test_everything_is_read():
    """Every file of data/ is a table of the evidence, with all its rows."""
    found = read_evidence()
    assert {name: len(getattr(found, name)) for name in FILES} == {
        name: len(TABLES[name]) - 1 for name in FILES
    }


def test_one_row_is_one_line():
    """So that the row named in a message is the line of the file."""
    for name in FILES:
        assert len((DATA / f"{name}.csv").read_text(encoding="utf-8").split("\n")) == (
            len(TABLES[name]) + 1
        )


def test_numbers_are_those_of_the_files():
    """Text becomes numbers to the digit."""
    found = read_evidence()
    for name, column in (
        ("installed_base", "value_millions"),
        ("addressable", "population_millions"),
        ("migrants", "china_born"),
        ("descent", "descent_millions"),
    ):
        assert list(getattr(found, name)[column]) == [float(row[column]) for row in rows(name)]


def test_markets():
    """22 ISO3 codes and the rest of the world, each in a bloc."""
    assert len(MARKETS) == 23 and MARKETS.count("ROW") == 1
    assert all(re.fullmatch("[A-Z]{3}", market) for market in MARKETS)
    assert {row["bloc"] for row in rows("markets")} == {"Asia", "West", "Elsewhere"}
    assert not {"CHN"} & set(MARKETS)


@pytest.mark.parametrize(
    "row", rows("totals"), ids=lambda row: f"{row['origin']}-{row['platform']}"
)
def test_totals_reconcile(row):
    """Users by market add up to the reported total, to the rounding of the cells."""
    cells = [BASE[row["origin"], row["platform"], market] for market in MARKETS]
    assert math.fsum(cells) == pytest.approx(float(row["value_millions"]), abs=1e-9)
    assert row["geography"] == ("EX-CHINA" if row["platform"] == "WeChat" else "world")


def test_every_origin_has_every_platform_and_total():
    origins = {origin for origin, _, _ in BASE}
    assert len(origins) == 2 and "2014Q1" in origins
    found = {(row["origin"], row["platform"]) for row in rows("totals")}
    assert found == {(o, k) for o in origins for k in ("WeChat", "LINE", "KakaoTalk")}
    assert set(BASE) == {(o, k, m) for o, k in found for m in MARKETS}


def test_kakaotalk_as_published():
    """36.35 M in Korea and 14.04 M abroad in March 2014; later as last observed."""
    observed = {
        (row["geography"], row["quarter"]): float(row["value"])
        for row in rows("observed")
        if row["series"] in ("kakao_korea_mau", "kakao_exkorea_mau")
    }
    abroad = math.fsum(BASE["2014Q1", "KakaoTalk", m] for m in MARKETS if m != "KOR")
    assert BASE["2014Q1", "KakaoTalk", "KOR"] == observed["KOR", "2014Q1"] == 36.35
    assert abroad == pytest.approx(observed["world less KOR", "2014Q1"], abs=1e-9)
    assert abroad == pytest.approx(14.04, abs=1e-9)
    assert BASE["2024Q2", "KakaoTalk", "KOR"] == observed["KOR", "2024Q2"]
    later = math.fsum(BASE["2024Q2", "KakaoTalk", m] for m in MARKETS if m != "KOR")
    assert later == pytest.approx(observed["world less KOR", "2023Q4"], abs=1e-9)


@pytest.mark.parametrize("name", ["installed_base", "totals", "observed"])
def test_ranges_hold_their_value(name):
    column = "value" if name == "observed" else "value_millions"
    for row in rows(name):
        low, high = row["low"] or row[column], row["high"] or row[column]
        assert 0 <= float(low) <= float(row[column]) <= float(high), row


def test_users_fit_among_people_online():
    """Nobody has more users at an origin than there are people online."""
    people = {(row["market"], row["year"]): float(row["addressable_millions"])
              for row in rows("addressable")}  # fmt: skip
    for (origin, platform, market), users in BASE.items():
        assert users < people[market, origin[:4]], (origin, platform, market)


def test_bases_say_how_the_figure_was_made():
    for row in rows("installed_base") + rows("totals"):
        assert row["basis"] in ("reported", "survey", "allocated", "judged") and row["note"].strip()


def test_addressable_people():
    """Population x internet users, for every market and year from 2010 to 2035."""
    found = Counter((row["market"], row["year"]) for row in rows("addressable"))
    assert found == Counter((market, year) for market in MARKETS for year in YEARS)
    for row in rows("addressable"):
        population, internet = float(row["population_millions"]), float(row["internet_pct"])
        assert 0 < internet <= 100
        rounding = 0.0005 + 0.0005 * internet / 100 + 0.05 * population / 100
        product = population * internet / 100
        assert abs(float(row["addressable_millions"]) - product) <= rounding, row


def test_projections_are_marked():
    """A figure that nobody can have counted says so; a reported one is not called a projection."""
    for row in rows("addressable"):
        assert row["status"].split(",")[0] in ("reported", "interpolated", "held", "projection",
                                               "residual"), row  # fmt: skip
        if row["year"] > "2024":
            assert row["status"] == "projection", row
    future = [row for row in rows("concern") if row["year"] > "2025"]
    assert not [row for row in future if row["status"] == "observed"]


def test_concern_is_unfavourable_times_privacy():
    """To the rounding; the rest of the world is the mean of the 22, weighted by people online."""
    people = {(row["market"], row["year"]): float(row["addressable_millions"])
              for row in rows("addressable")}  # fmt: skip
    by_year = {}
    for row in rows("concern"):
        concern = float(row["concern"])
        assert 0 <= concern <= 1
        if row["market"] == "ROW":
            assert "assumption" in row["status"]
            continue
        product = float(row["unfavourable"]) * float(row["privacy"])
        assert abs(concern - product) <= 0.002, row
        by_year.setdefault(row["year"], {})[row["market"]] = concern
    for row in rows("concern"):
        if row["market"] == "ROW":
            found = by_year[row["year"]]
            weights = [people[market, row["year"]] for market in found]
            mean = np.average(list(found.values()), weights=weights)
            assert len(found) == 22 and abs(float(row["concern"]) - mean) <= 0.002, row


@pytest.mark.parametrize("name", ["addressable", "concern", "incumbents", "migrants", "descent"])
def test_every_market_is_covered(name):
    assert {row["market"] for row in rows(name)} == set(MARKETS)


def used_sources():
    """Source ids in all files, with the file where each was seen."""
    for name in FILES:
        if name != "sources" and "source_id" in TABLES[name][0]:
            for row in rows(name):
                for source in row["source_id"].split(";"):
                    yield source, name


def test_every_source_is_used_and_known():
    known = [row["source_id"] for row in rows("sources")]
    used = {source for source, _ in used_sources()}
    assert len(known) == len(set(known))
    assert sorted(set(known) - used) == []
    assert sorted(used - set(known)) == []


def test_every_row_has_a_source():
    """In every table but those computed here (fits, record) and the list of markets."""
    without = {name for name in FILES if "source_id" not in TABLES[name][0]}
    computed = {"fits", "fit_correlations", "fit_summary", "error_spread"}
    computed |= {"record", "record_leaders"}
    assert without == {"markets", *computed}
    for name in set(FILES) - without:
        assert not [row for row in rows(name) if not row["source_id"].strip(" ;")], name


def test_grades_and_addresses():
    assert {row["grade"] for row in rows("sources")} <= set("ABCD")
    assert {row["grade"] for row in rows("observed")} <= set("ABCD")
    own = [row["source_id"] for row in rows("sources") if row["url"] == "data/README.md"]
    assert set(own) == {"assumption", "own-fit", "own-reading"}
    for row in rows("sources"):
        assert re.match("https?://", row["url"]) or row["source_id"] in own, row
        assert (row["grade"] == "D") or row["source_id"] not in own


def test_observations_are_published_after_their_date():
    """A forecast is published before; quarters are those of the dates."""
    for row in rows("observed"):
        date = datetime.date.fromisoformat(row["date"])
        published = datetime.date.fromisoformat(row["published"])
        assert date <= published or "forecast" in row["metric"], row
        assert row["quarter"] == f"{date.year}Q{(date.month + 2) // 3}", row


@pytest.mark.parametrize("name", ["addressable", "concern", "incumbents", "migrants", "descent"])
def test_yearly_figures_are_published_after_their_year_begins(name):
    """Early 2014 may rest on a figure of 2012 or 2013; a projection is published before."""
    for row in rows(name):
        published = datetime.date.fromisoformat(row["published"])
        early = 2 if name == "incumbents" and row["year"] == "2014" else 0
        assert published.year >= int(row["year"]) - early or row["status"] == "projection", row


def test_no_cell_is_blank_that_must_not_be():
    may_be = {
        "settings": {
            "low",
            "high",
            "step",
            "symbol",
            "equation",
            "prior_low",
            "prior_high",
            "scale",
        },
        "markets": {"leader_latest_year"},
        "migrants": {"note"},
        "incumbents": {"low", "high"},
        "descent": {"note"},
        "reference_class": {"note"},
        "concern_effects": {"note"},
        "observed": {"low", "high", "note"},
        "dated_events": {"switch"},
        "switches": {"quarter"},
        "story": {"changes"},
        "article": {"value", "unit"},
    }
    for name in FILES:
        for row in rows(name):
            blank = {column for column, cell in row.items() if not cell.strip()}
            assert blank <= may_be.get(name, set()), (name, row)


def test_settings_are_consistent():
    """Defaults and priors lie in their ranges; what bands draw has a prior; words are known."""
    for row in rows("settings"):
        if row["scale"] == "choice":
            continue
        low, value, high = (float(row[column]) for column in ("low", "value", "high"))
        assert low <= value <= high and float(row["step"]) > 0, row
        assert row["scale"] in ("", "log", "logit") and row["drawn"] in ("yes", "no"), row
        if row["scale"]:
            prior_low, prior_high = float(row["prior_low"]), float(row["prior_high"])
            assert low <= prior_low < prior_high <= high and prior_low > 0, row
        assert row["scale"] or row["drawn"] == "no", row
        assert row["scale"] != "logit" or "%" in row["unit"] and high <= 100, row


def test_switches_and_events_name_each_other():
    switches = {row["switch"]: row for row in rows("switches")}
    assert {row["switch"] for row in rows("dated_events")} - {""} <= set(switches)
    for row in switches.values():
        assert row["markets"] in {*MARKETS, "ALL", "ABROAD"}, row
        assert row["platform"] in ("WeChat", "LINE", "KakaoTalk", "ALL"), row
        assert row["effect"] in ("marketing", "access", "incumbents", "concern"), row
        assert 0 <= float(row["size"]) <= 1
        dated = row["effect"] in ("marketing", "access")
        assert bool(re.fullmatch(r"20\d\dQ[1-4]", row["quarter"])) == dated, row
        for event in rows("dated_events"):
            if event["switch"] == row["switch"]:
                happened = int(event["date"][:4]) + int(event["date"][5:7]) / 12
                end = int(row["quarter"][:4]) + int(row["quarter"][5]) / 4
                assert abs(end - happened) < 0.25, (row, event)


def test_fits_are_of_settings():
    """Correlations are correlations: of known settings, and together a possible matrix."""
    names = {row["name"] for row in rows("settings")}
    for fit in {row["fit"] for row in rows("fits")}:
        fitted = [row["setting"] for row in rows("fits") if row["fit"] == fit]
        assert len(fitted) == len(set(fitted)) and set(fitted) <= names
        matrix = np.eye(len(fitted))
        for row in rows("fit_correlations"):
            if row["fit"] == fit:
                i, j = fitted.index(row["setting"]), fitted.index(row["other"])
                matrix[i, j] = matrix[j, i] = float(row["correlation"])
        assert np.linalg.eigvalsh(matrix).min() > 0
    assert {row["fit"] for row in rows("fit_summary")} == {row["fit"] for row in rows("fits")}


def test_internet_use_approaches_97_percent():
    """As data/README.md says: each projected year closes a tenth of the gap."""
    internet = {(row["market"], row["year"]): float(row["internet_pct"])
                for row in rows("addressable")}  # fmt: skip
    for market in MARKETS:
        for year, following in zip(YEARS[16:-1], YEARS[17:], strict=True):
            before, after = internet[market, year], internet[market, following]
            if market != "ROW" and before < 97:
                assert_allclose(after, before + 0.1 * (97 - before), atol=0.11)


@pytest.mark.parametrize(
    ("market", "users", "percent"),
    [
        ("DEU", 31, 45),
        ("ESP", 25, 73),
        ("BRA", 38, 36),
        ("MEX", 32, 61),
        ("GBR", 17, 29),
        ("IND", 40, 24),
    ],
)
def test_whatsapp_of_2014_is_what_the_company_gave(market, users, percent):
    """Its own monthly users of early 2014 over the people online, public in March 2014."""
    people = {row["year"]: float(row["addressable_millions"])
              for row in rows("addressable") if row["market"] == market}  # fmt: skip
    online = (people["2013"] + people["2014"]) / 2
    (row,) = (row for row in rows("incumbents") if (row["market"], row["year"]) == (market, "2014"))
    assert float(row["share_pct"]) == percent and abs(100 * users / online - percent) < 2
    assert row["messenger"] == "WhatsApp" and row["published"] <= "2014-03-31"


def test_established_messengers_of_2014_have_a_range():
    """One base, and each early figure inside a range that is wider than nothing."""
    early = [row for row in rows("incumbents") if row["year"] == "2014"]
    assert sorted(row["market"] for row in early) == sorted(MARKETS)
    assert not [row for row in rows("incumbents") if row["year"] < "2014"]
    for row in early:
        assert 0 < float(row["low"]) < float(row["share_pct"]) < float(row["high"]) <= 80, row


def test_rest_of_the_world_of_2014_is_the_mean():
    """Of the 22 markets, weighted by people online."""
    share = {row["market"]: float(row["share_pct"])
             for row in rows("incumbents") if row["year"] == "2014"}  # fmt: skip
    people = {row["market"]: float(row["addressable_millions"])
              for row in rows("addressable") if row["year"] == "2014"}  # fmt: skip
    own = share.pop("ROW")
    weights = [people[market] for market in share]
    assert abs(own - np.average(list(share.values()), weights=weights)) < 1


def test_chinese_descent():
    """Counts that are well known, and more people of Chinese descent than born in China."""
    found = {(row["market"], row["year"]): row for row in rows("descent")}
    for market, low, high in (("MYS", 6.5, 7.5), ("SGP", 2.4, 3.6), ("USA", 3, 4), ("THA", 6, 10)):
        for (where, _), row in found.items():
            if where == market:
                assert low <= float(row["descent_millions"]) <= high, row
    born = {row["market"]: float(row["china_born"]) / 1e6
            for row in rows("migrants") if row["year"] == "2010"}  # fmt: skip
    for (market, _), row in found.items():
        assert float(row["high"]) >= float(born[market]), row
    public = {market for (market, _), row in found.items() if row["published"] <= "2014-03-31"}
    assert public == set(MARKETS)


def test_line_in_its_key_markets_and_elsewhere_make_the_world():
    """In the first quarter that has all three, and near it ever since."""
    at = {(row["series"], row["quarter"]): float(row["value"]) for row in rows("observed")}
    quarters = {quarter for series, quarter in at if series == "line_exkey4_mau"}
    assert {"2015Q1", "2015Q2", "2017Q2"} <= quarters
    for quarter in quarters:
        parts = at["line_key4_mau", quarter] + at["line_exkey4_mau", quarter]
        assert parts == pytest.approx(at["line_world_mau", quarter], abs=1), quarter


def test_line_of_2019_by_market():
    """The four markets add up to what the company gave for them together a year before."""
    found = {row["geography"]: float(row["value"]) for row in rows("observed")
             if row["platform"] == "LINE" and row["quarter"] == "2019Q4"}  # fmt: skip
    assert found == {"JPN": 83, "TWN": 21, "THA": 45, "IDN": 15}
    assert sum(found.values()) == pytest.approx(165, abs=2)


def test_what_is_derived_is_no_company_figure():
    """A figure made by arithmetic is grade C or D, and says how."""
    derived = [row for row in rows("observed") if row["note"].lower().startswith("derived")]
    assert len(derived) > 30 and {row["grade"] for row in derived} <= set("CD")


def test_shares_of_other_groups_are_not_called_shares():
    """Shares are of people online; smartphone owners and users of messengers are reach."""
    for row in rows("observed"):
        if row["metric"].startswith("share"):
            assert not re.search("smartphone|of population|messengers", row["metric"]), row
        assert (row["unit"] == "%") == row["metric"].startswith(("share", "reach")), row


def test_accounts_by_market_that_were_public_in_march_2014():
    public = [row for row in rows("observed")
              if row["metric"] == "registered accounts or users claimed"
              and row["published"] <= "2014-03-31"]  # fmt: skip
    assert len(public) >= 36
    assert {"JPN", "TWN", "THA", "IDN", "ESP", "IND", "KOR", "VNM"} <= {
        row["geography"] for row in public
    }


def test_reference_class_agrees_with_the_observations():
    """Shares of accounts that were active are those of the figures themselves."""
    active = {(row["network"], row["scope"]): float(row["value"])
              for row in rows("reference_class")
              if row["measure"] == "active users as share of registered accounts"}  # fmt: skip
    assert active["LINE", "world"] == pytest.approx(100 * 170 / 560, abs=0.5)
    assert active["KakaoTalk", "world less Korea"] == pytest.approx(100 * 14.89 / 95, abs=0.1)
    assert active["WeChat", "EX-CHINA"] == pytest.approx(100 * 16.22 / 70, abs=0.1)
    (row,) = (row for row in rows("reference_class") if row["unit"] == "of 64")
    assert float(row["value"]) == 7 and row["source_id"] == "own-reading"


def test_leaders_are_those_of_the_shares():
    """Outside the homes of LINE and KakaoTalk the leader of 2014 is the established messenger."""
    messenger = {row["market"]: row["messenger"]
                 for row in rows("incumbents") if row["year"] == "2014"}  # fmt: skip
    for row in rows("markets"):
        if row["market"] in ("JPN", "TWN", "THA"):
            assert row["leader_2014"] == row["leader_latest"] == "LINE"
        elif row["market"] == "KOR":
            assert row["leader_2014"] == row["leader_latest"] == "KakaoTalk"
        else:
            assert row["leader_2014"] == messenger[row["market"]], row


# What is refused


@cache
def sound_table(name, read):
    """A table of data/ itself, and the bytes that it is read from."""
    return (DATA / f"{name}.csv").read_bytes(), read(name)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A copy of data/ that may be damaged.

    `read_evidence` reads a file of it only if its bytes are other than those in data/, and checks
    the whole as ever: a test damages one file of twenty-seven.
    """
    shutil.copytree(DATA, tmp_path / "data")

    def read_if_damaged(name, folder=DATA):
        path = folder / f"{name}.csv"
        sound, table = sound_table(name, read_table)
        same = path.exists() and path.read_bytes() == sound
        return table.copy() if same else read_table(name, folder)

    monkeypatch.setattr(reader, "read_table", read_if_damaged)
    return tmp_path / "data"


def write(folder, name, cells):
    """Write a table back, one line a row."""
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(cells)


def spoil(folder, name, line, column, value):
    """Put a value into one cell; `line` counts as an editor does, the header being line 1."""
    cells = read(name, folder)
    cells[line - 1][cells[0].index(column)] = value
    write(folder, name, cells)


def refused(call, *words):
    """The message of the DataError that a call raises; one line with all of the words in it."""
    with pytest.raises(DataError) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message and all(word in message for word in words), message
    return message


def test_a_copy_is_read_as_the_original(folder):
    for name in FILES:
        write(folder, name, TABLES[name])
    found, own = read_evidence(folder), read_evidence()
    assert all(getattr(found, name).equals(getattr(own, name)) for name in FILES)


@pytest.mark.parametrize("name", FILES)
def test_missing_file(folder, name):
    (folder / f"{name}.csv").unlink()
    assert refused(lambda: read_table(name, folder)) == f"data/{name}.csv is missing"
    if name in ("concern", FILES[-1]):
        refused(lambda: read_evidence(folder), f"data/{name}.csv is missing")


@pytest.mark.parametrize("name", FILES)
def test_wrong_columns(folder, name):
    """A column that is renamed, gone, doubled, or in another place."""
    (first, second, *_), *_ = cells = read(name, folder)
    for header in (
        ["renamed", *cells[0][1:]],
        [second, first, *cells[0][2:]],
        [first, first, *cells[0][2:]],
    ):
        write(folder, name, [header, *cells[1:]])
        refused(lambda: read_table(name, folder), f"data/{name}.csv, row 1", first)
    write(folder, name, [row[1:] for row in cells])
    refused(lambda: read_table(name, folder), f"data/{name}.csv, row 1", first)


@pytest.mark.parametrize("name", FILES)
def test_empty_file(folder, name):
    write(folder, name, read(name, folder)[:1])
    refused(lambda: read_table(name, folder), f"data/{name}.csv")
    (folder / f"{name}.csv").write_text("")
    refused(lambda: read_table(name, folder), f"data/{name}.csv")


NUMBERS = {
    "addressable": ["year", "population_millions", "internet_pct", "addressable_millions"],
    "concern": ["year", "unfavourable", "privacy", "concern"],
    "incumbents": ["year", "share_pct"],
    "migrants": ["year", "china_born"],
    "descent": ["year", "descent_millions", "low", "high"],
    "reference_class": ["value"],
    "concern_effects": ["value"],
    "constants": ["value"],
    "installed_base": ["value_millions", "low", "high"],
    "totals": ["value_millions", "low", "high"],
    "observed": ["value"],
    "case_settings": ["value"],
    "switches": ["size"],
    "fits": ["value", "spread"],
}


@pytest.mark.parametrize(
    ("name", "column"), [(name, column) for name in NUMBERS for column in NUMBERS[name]]
)
def test_bad_number(folder, name, column):
    """Negative, no number, not finite, blank: named with its line, wherever it is."""
    original = (folder / f"{name}.csv").read_bytes()
    last = len(TABLES[name])
    for line, value in (
        (2, "-1"),
        (last, "-0.001"),
        (last // 2 + 1, "many"),
        (3, "nan"),
        (last - 1, "inf"),
        (2, "-inf"),
        (4, "1e400"),
        (3, "1,5"),
        (last, "12 M"),
        (2, ""),
        (last, "  "),
    ):
        spoil(folder, name, line, column, value)
        where = f"data/{name}.csv, row {line}: {column} {value.strip()!r} is"
        assert refused(lambda: read_table(name, folder)).startswith(where)
        (folder / f"{name}.csv").write_bytes(original)


@pytest.mark.parametrize(("column", "value"), [("share_pct", "100.5"), ("internet_pct", "101")])
def test_share_over_100_percent(folder, column, value):
    name = "incumbents" if column == "share_pct" else "addressable"
    spoil(folder, name, 5, column, value)
    refused(lambda: read_evidence(folder), f"data/{name}.csv, row 5: {column} '{value}'")


@pytest.mark.parametrize(
    ("name", "line", "changed", "why"),
    [
        ("incumbents", 4, {"share_pct": "4"}, "share_pct '4' is outside its range, expected 10"),
        ("incumbents", 4, {"high": "9"}, "expected 10 to 9"),
        ("incumbents", 4, {"high": "101"}, "high '101' is not a number from 0 to 100"),
        ("descent", 10, {"low": "8"}, "is outside its range, expected 8 to"),
        ("installed_base", 2, {"value_millions": "9"}, "is outside its range, expected 0.07"),
        ("totals", 2, {"value_millions": "24"}, "'24' is outside its range, expected 25 to 40"),
    ],
)
def test_value_outside_its_range(folder, name, line, changed, why):
    for column, value in changed.items():
        spoil(folder, name, line, column, value)
    refused(lambda: read_evidence(folder), f"data/{name}.csv, row {line}:", why)


@pytest.mark.parametrize(
    "name", ["addressable", "concern", "incumbents", "migrants", "descent", "installed_base"]
)
def test_unknown_market(folder, name):
    line = len(TABLES[name])
    spoil(folder, name, line, "market", "ATL")
    refused(lambda: read_evidence(folder), f"data/{name}.csv, row {line}: market 'ATL'")
    spoil(folder, name, 2, "market", "ATL")
    refused(lambda: read_evidence(folder), f"data/{name}.csv, row 2: market 'ATL'")


@pytest.mark.parametrize("name", ["installed_base", "totals"])
def test_unknown_platform(folder, name):
    spoil(folder, name, 4, "platform", "Viber")
    refused(lambda: read_evidence(folder), f"data/{name}.csv, row 4: platform 'Viber'")


@pytest.mark.parametrize(("column", "value"), [("case", "march-2041"), ("setting", "conern")])
def test_unknown_case_or_setting(folder, column, value):
    spoil(folder, "case_settings", 3, column, value)
    refused(lambda: read_evidence(folder), f"data/case_settings.csv, row 3: {column} '{value}'")


KEYED = {
    "settings": "name",
    "cases": "case",
    "case_settings": "setting",
    "markets": "market",
    "addressable": "market",
    "concern": "year",
    "incumbents": "market",
    "migrants": "year",
    "descent": "market",
    "reference_class": "network",
    "concern_effects": "topic",
    "constants": "name",
    "installed_base": "platform",
    "totals": "platform",
    "observed": "series",
    "switches": "switch",
    "sources": "source_id",
    "fits": "setting",
}


@pytest.mark.parametrize("name", KEYED)
def test_duplicate_row(folder, name):
    """The second of two rows is named, be it next to the first or at the end."""
    cells = read(name, folder)
    for line in (4, len(cells) + 1):
        doubled = cells.copy()
        doubled.insert(line - 1, cells[2])
        write(folder, name, doubled)
        value = cells[2][cells[0].index(KEYED[name])]
        refused(
            lambda: read_table(name, folder),
            f"data/{name}.csv, row {line}:",
            value,
            "appears again",
        )


SOURCED = sorted(name for name in FILES if "source_id" in TABLES[name][0])


@pytest.mark.parametrize("name", SOURCED)
def test_blank_source(folder, name):
    for line in (2, len(TABLES[name])):
        spoil(folder, name, line, "source_id", " ")
        where = f"data/{name}.csv, row {line}: source_id '' is blank"
        assert refused(lambda: read_table(name, folder)) == where
        write(folder, name, TABLES[name])


@pytest.mark.parametrize("name", [name for name in SOURCED if name != "sources"])
def test_unknown_source(folder, name):
    spoil(folder, name, 3, "source_id", "hearsay")
    refused(lambda: read_evidence(folder), f"data/{name}.csv, row 3: source_id 'hearsay'")


@pytest.mark.parametrize("value", ["assumption;hearsay", "assumption;", ";"])
def test_unknown_source_among_several(folder, value):
    last = len(TABLES["concern"])
    spoil(folder, "concern", last, "source_id", value)
    refused(lambda: read_evidence(folder), f"data/concern.csv, row {last}: source_id '{value}'")


@pytest.mark.parametrize("kept", [1, 23, 30, 69, 92, 115, 137])
def test_truncated_installed_base(folder, kept):
    """Cut after any row, also where a platform or an origin ends."""
    write(folder, "installed_base", TABLES["installed_base"][: kept + 1])
    refused(lambda: read_evidence(folder), "data/installed_base.csv")


@pytest.mark.parametrize("part", [0.3, 0.5, 0.9])
def test_file_cut_within_a_row(folder, part):
    path = folder / "installed_base.csv"
    text = path.read_bytes()
    path.write_bytes(text[: round(part * len(text))])
    refused(lambda: read_evidence(folder), "data/installed_base.csv")


@pytest.mark.parametrize(
    "name", ["addressable", "concern", "incumbents", "migrants", "descent", "installed_base"]
)
def test_market_left_out(folder, name):
    cells = read(name, folder)
    place = cells[0].index("market")
    write(folder, name, [row for row in cells if row[place] != "THA"])
    refused(lambda: read_evidence(folder), f"data/{name}.csv", "THA")


def test_row_too_long_or_too_short(folder):
    """A stray or a missing comma moves the cells that follow."""
    cells = read("addressable", folder)
    for line in (2, 7, len(cells)):
        for changed in ([*cells[line - 1], "x"], cells[line - 1][:-1], cells[line - 1][:3]):
            write(folder, "addressable", [*cells[: line - 1], changed, *cells[line:]])
            refused(lambda: read_table("addressable", folder), "data/addressable.csv", str(line))


def test_comma_at_the_end_of_every_row(folder):
    """As some programs write it, under an unchanged header."""
    header, *cells = read("concern", folder)
    write(folder, "concern", [header, *[[*row, ""] for row in cells]])
    refused(lambda: read_table("concern", folder), "data/concern.csv")


def test_rows_are_counted_as_lines(folder):
    """Also below an empty line."""
    spoil(folder, "concern", 9, "concern", "many")
    path = folder / "concern.csv"
    lines = path.read_text(encoding="utf-8").split("\n")
    path.write_text("\n".join([*lines[:4], "", *lines[4:]]), encoding="utf-8")
    message = refused(lambda: read_table("concern", folder))
    assert "row 10: concern 'many'" in message or "row 5" in message, message


def test_other_encoding(folder):
    path = folder / "markets.csv"
    text = path.read_text(encoding="utf-8")
    path.write_bytes(text.replace("Singapore", "Singapur·ü").encode("latin-1"))
    refused(lambda: read_evidence(folder), "data/markets.csv")


def test_windows_line_ends_do_no_harm(folder):
    path = folder / "concern.csv"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_table("concern", folder).equals(read_table("concern"))


@pytest.mark.parametrize(
    ("name", "line", "column", "value"),
    [
        ("switches", 5, "markets", "ATL"),
        ("switches", 5, "platform", "Viber"),
        ("switches", 5, "quarter", "soon"),
        ("switches", 5, "quarter", ""),
        ("switches", 5, "effect", "acess"),
        ("switches", 5, "size", "93"),
        ("observed", 3, "quarter", "13Q4"),
        ("markets", 3, "bloc", "Azia"),
        ("cases", 3, "origin", "2014Q2"),
        ("cases", 3, "events", "indiaban"),
        ("settings", 7, "scale", "lgo"),
        ("installed_base", 6, "basis", "guessed"),
        ("totals", 2, "basis", "Judged"),
        ("concern_effects", 3, "causal_strength", "strong"),
        ("concern_effects", 3, "market", "ATL"),
        ("concern_effects", 3, "market", "USA;ATL"),
        ("incumbents", 3, "published", "2014"),
        ("descent", 3, "published", "31.12.2014"),
        ("reference_class", 3, "date", "2014-13-01"),
        ("observed", 3, "date", "2014-02-40"),
        ("descent", 4, "descent_millions", "0"),
    ],
)
def test_word_or_number_that_means_nothing(folder, name, line, column, value):
    """Refused where it is read, with file, row and value; not later with something else."""
    spoil(folder, name, line, column, value)
    refused(lambda: read_evidence(folder), f"data/{name}.csv, row {line}:", repr(value))


# The Data Package


def descriptions_of_readme() -> dict[tuple[str, str], str]:
    """(table, column) -> the meaning of the column, from the lists and tables of data/README.md."""
    meanings: dict[tuple[str, str], str] = {}
    names, unit = r"(`\w+`(?:, `\w+`)*)", r"(?: \((.+?)\))?"
    in_list = re.compile(rf"^- {names}{unit}: ((?:.+\n)(?:  .+\n)*)", re.M)
    in_table = re.compile(rf"^\| {names} \|(?: ([^|]*) \|)? ([^|]+) \|$", re.M)
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    for section in readme.split("\n## ")[1:]:
        tables = re.findall(r"(\w+)\.csv", section.partition("\n")[0])
        for columns, units, text in in_list.findall(section) + in_table.findall(section):
            meaning = " ".join(text.split()).removesuffix(".")
            for column in re.findall(r"\w+", columns):
                table = next((name for name in tables if column in TABLES[name][0]), "")
                meanings.setdefault((table, column), f"{meaning} ({units})" if units else meaning)
    return meanings


def test_the_data_package_describes_every_file_and_column():
    """In the words of data/README.md where that page describes the column."""
    package = json.loads((DATA / "datapackage.json").read_text(encoding="utf-8"))
    fields = {
        (resource["name"], field["name"]): field.get("description", "")
        for resource in package["resources"]
        for field in resource["schema"]["fields"]
    }
    assert sorted(fields) == [
        (name, column) for name in FILES for column in sorted(TABLES[name][0])
    ]
    meanings = descriptions_of_readme()
    assert len(meanings) > 80
    for place, text in fields.items():
        assert text == meanings.get(place, ""), place


@pytest.fixture
def field_limit():
    """Frictionless raises the csv module's limit on a field, which other tests rely on."""
    limit = csv.field_size_limit()
    yield
    csv.field_size_limit(limit)


@pytest.mark.usefixtures("field_limit")
def test_the_data_are_a_valid_data_package(folder):
    """By a reader that knows nothing of the project; a bad cell is found by row and column."""
    report = frictionless.validate(folder / "datapackage.json")
    assert report.valid, report.flatten(["path", "rowNumber", "fieldName", "note"])
    spoil(folder, "addressable", 5, "market", "ATL")
    spoil(folder, "incumbents", 3, "share_pct", "101")
    found = frictionless.validate(folder / "datapackage.json").flatten(["rowNumber", "type"])
    assert found == [[5, "foreign-key"], [3, "constraint-error"]]
