"""Sentences on the rows that a market lacks in data/, or that do not fit the others."""

import argparse
import math
import re
import sys

import pandas as pd

from model.calibration import calibrate, targets
from model.evidence import (
    FOR_EVERY_MARKET,
    DataError,
    Evidence,
    load_evidence,
    read_table,
)


def do_check_market(arguments: argparse.Namespace) -> None:
    """Print what a market lacks, one sentence a line; exit code 1 if it lacks something."""
    code = arguments.market.upper()
    if not re.fullmatch("[A-Z]{3}", code):
        raise DataError(f"expected an ISO3 code such as NZL, found {arguments.market[:40]!r}")
    names = ("markets", *FOR_EVERY_MARKET, "installed_base", "totals")
    known = Evidence(**{name: read_table(name) for name in names})
    if lacks := missing(known, code) or outdated_fits(load_evidence()):
        print(*lacks, sep="\n")
        sys.exit(1)
    print(f"{code} is complete.")


def missing(known: Evidence, market: str) -> list[str]:
    """A sentence for each row that the market lacks, or that does not fit the others."""
    lacks = [*_tile(known.markets, market)]
    for name in FOR_EVERY_MARKET:
        lacks += _years(getattr(known, name), name, market)
    public = known.descent[known.descent.published <= targets.ORIGIN_DAY]
    if market in set(known.descent.market) and market not in set(public.market):
        lacks.append(f"data/descent.csv has no row for {market} published by {targets.ORIGIN_DAY}.")
    for total in known.totals.itertuples():
        base = known.installed_base
        rows = base[(base.origin == total.origin) & (base.platform == total.platform)]
        which = f"{total.origin}, {total.platform}"
        if market not in set(rows.market):
            lacks.append(f"data/installed_base.csv has no row for {which}, {market}.")
        if not math.isclose(users := math.fsum(rows.value_millions), total.value_millions):
            adds = f"the cells of {which} add up to {users:g} million"
            lacks.append(
                f"data/installed_base.csv: {adds}, expected {total.value_millions:g} as in "
                "data/totals.csv; take what was added out of ROW."
            )
    return lacks


def _tile(markets: pd.DataFrame, market: str) -> list[str]:
    """A sentence if the market has no row in markets.csv, or another one has its tile."""
    row = markets[markets.market == market]
    if row.empty:
        return [f"data/markets.csv has no row for {market}."]
    column, line = row.tile_column.iloc[0], row.tile_row.iloc[0]
    same = markets[(markets.tile_column == column) & (markets.tile_row == line)]
    others = sorted({*same.market} - {market})
    where = f"data/markets.csv: the tile of {market}, column {column:g}, row {line:g}"
    return [f"{where}, is that of {other}; choose a free one." for other in others]


def _years(table: pd.DataFrame, name: str, market: str) -> list[str]:
    """The years that all other markets have and this one lacks, and a table without it."""
    years = {one: {*rows} for one, rows in table.groupby("market").year}
    own = years.pop(market, set())
    lacks = sorted(set.intersection(*years.values()) - own)
    if not lacks:
        return [] if own else [f"data/{name}.csv has no row for {market}."]
    is_span = len(lacks) > 2 and lacks == [*range(lacks[0], lacks[-1] + 1)]
    texts = f"{lacks[0]} to {lacks[-1]}" if is_span else ", ".join(map(str, lacks))
    return [f"data/{name}.csv has no row for {market} in {texts}."]


def outdated_fits(known: Evidence) -> list[str]:
    """A sentence if the fits were made from other data."""
    stored = known.fit_summary.set_index("fit").fingerprint
    now = {name: calibrate.fingerprint(make(known)) for name, make in targets.PROBLEMS.items()}
    if all(stored.get(name) == code for name, code in now.items()):
        return []
    return ["data/fits.csv was made from other data; run `python -m model calibrate`."]
