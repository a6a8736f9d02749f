"""`check-market` says what a market lacks, and is silent about one that is complete."""

import pandas as pd
import pytest

from model.cli.check_market import missing, outdated_fits
from model.cli.parser import main
from model.evidence import FOR_EVERY_MARKET, load_evidence

NEW = "NZL"


@pytest.fixture
def known():
    """The evidence with New Zealand: Singapore's rows, its users taken out of ROW."""
    known, tables = load_evidence(), {}
    for name in ("markets", *FOR_EVERY_MARKET, "installed_base"):
        table = getattr(known, name)
        ours = table[table.market == "SGP"].assign(market=NEW)
        tables[name] = pd.concat([table, ours], ignore_index=True)
    keys = ["origin", "platform", "market"]
    base = tables["installed_base"].set_index(keys).sort_index()
    taken = base.value_millions.xs(NEW, level="market")
    for origin, platform in taken.index:
        base.loc[(origin, platform, "ROW"), "value_millions"] -= taken[origin, platform]
    tables["installed_base"] = base.reset_index()
    tables["markets"].loc[tables["markets"].market == NEW, ["tile_column", "tile_row"]] = 99
    return known.with_tables(**tables)


def without(known, name, cells):
    """The evidence without the rows of New Zealand in a table, or those of them with some cells."""
    table = getattr(known, name)
    gone = table.isin({"market": [NEW]} | cells)[["market", *cells]].all(axis=1)
    return known.with_tables(**{name: table[~gone]})


def test_only_the_fits_are_left_when_all_rows_are_there(known):
    assert not missing(known, NEW)
    assert outdated_fits(known) == [
        "data/fits.csv was made from other data; run `python -m model calibrate`."
    ]


def test_own_markets_are_complete():
    known = load_evidence()
    assert not outdated_fits(known)
    assert not [one for market in known.markets.market[::8] for one in missing(known, market)]


@pytest.mark.parametrize(
    ("name", "left_out", "sentence"),
    [
        ("markets", {}, "data/markets.csv has no row for NZL."),
        (
            "addressable",
            {"year": [2012, 2030]},
            "addressable.csv has no row for NZL in 2012, 2030.",
        ),
        ("concern", {}, "data/concern.csv has no row for NZL in 2013 to 2025."),
        ("incumbents", {"year": [2014]}, "data/incumbents.csv has no row for NZL in 2014."),
        ("migrants", {"year": [2020]}, "data/migrants.csv has no row for NZL in 2020."),
        ("descent", {}, "data/descent.csv has no row for NZL."),
    ],
)
def test_a_missing_row_is_one_sentence(known, name, left_out, sentence):
    (found,) = missing(without(known, name, left_out), NEW)
    assert found.endswith(sentence)


def test_people_of_chinese_descent_must_be_known_in_march_2014(known):
    early = known.descent.published.loc[lambda days: days < "2014-04-01"].unique()
    assert missing(without(known, "descent", {"published": early}), NEW) == [
        "data/descent.csv has no row for NZL published by 2014-03-31."
    ]


def test_missing_users_and_a_total_that_does_not_add_up(known):
    gone = {"origin": ["2025Q3"], "platform": ["LINE"]}
    found = missing(without(known, "installed_base", gone), NEW)
    assert found[0] == "data/installed_base.csv has no row for 2025Q3, LINE, NZL."
    assert found[1].startswith("data/installed_base.csv: the cells of 2025Q3, LINE add up to 19")
    assert "expected 197.5 as in data/totals.csv" in found[1] and len(found) == 2


def test_a_tile_that_is_taken(known):
    markets = known.markets.copy()
    own = ["tile_column", "tile_row"]
    markets.loc[markets.market == NEW, own] = markets.loc[markets.market == "SGP", own].to_numpy()
    (sentence,) = missing(known.with_tables(markets=markets), NEW)
    assert "the tile of NZL" in sentence and "is that of SGP" in sentence


def test_the_command(capsys):
    assert main(["check-market", "mys"]) == 0
    assert capsys.readouterr().out == "MYS is complete.\n"
    with pytest.raises(SystemExit) as end:
        main(["check-market", "NZL"])
    lines = capsys.readouterr().out.splitlines()
    assert end.value.code == 1 and "data/markets.csv has no row for NZL." in lines
    assert main(["check-market", "New Zealand"]) == 2
    assert "'New Zealand'" in capsys.readouterr().err
