"""The tables of the reading pages: data/ with grade and link of each source, fits and record."""

import re
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from model.calibration import scores
from model.evidence import Evidence
from model.messengers import PLATFORMS
from pages.parts.charts.evidence_charts import outcomes
from pages.parts.wording import evidence as words

PLACES = {"market", "markets", "geography", "home_market", "scope"}  # columns of market codes
ELSEWHERE = {  # places that the model counts with the rest of the world, or not at all
    "ALL": "several markets",
    "ARG": "Argentina",
    "BTN": "Bhutan",
    "CHN": "mainland China",
    "IRN": "Iran",
    "KEN": "Kenya",
    "NGA": "Nigeria",
    "NZL": "New Zealand",
    "RUS": "Russia",
    "TUR": "Turkey",
}
COLUMNS = {  # how some columns are shown, by their head
    # the host of a link stands for all of it
    "Link": st.column_config.LinkColumn(display_text=r"^https?://(?:www\.)?([^/:]+)"),
    "Grade": st.column_config.TextColumn(help=words.GRADES),
}
HEIGHT = 420  # pixels of a table that scrolls


def show(table: pd.DataFrame, title: str, **options: Any) -> None:
    """A table with its links and its height bounded; a dash stands for no figure."""
    st.dataframe(
        table,
        height=HEIGHT if len(table) > 11 else "content",
        column_config={head: how for head, how in COLUMNS.items() if head in table},
        hide_index=True,
        placeholder="–",
        alt=words.ROWS.format(title=title, count=len(table)),
        **options,
    )


def part(title: str, text: str, table: pd.DataFrame, name: str = "") -> None:
    """A table below its title and a note on it; name : for screen readers, if it is another."""
    st.subheader(title, anchor=False)
    note(text)
    show(table, name or title)


def note(text: str) -> None:
    """A small line in the colour of the text: Streamlit's captions are paler than 4.5:1."""
    st.markdown(f":small[{text}]")


def sourced(known: Evidence, table: pd.DataFrame, **heads: str) -> pd.DataFrame:
    """`table` with producer, grade and url of each row's first source in place of its id."""
    sources = known.sources.set_index("source_id")[["producer", "grade", "url"]]
    sources["url"] = sources.url.where(sources.url.str.startswith("http"))
    first_sources = sources.loc[table.source_id.str.split(";").str[0]].set_index(table.index)
    figures = table.drop(columns=["source_id", "grade"], errors="ignore")
    for column in PLACES.intersection(figures.columns):
        figures[column] = figures[column].map(lambda codes: place(known, codes))
    return titled(pd.concat([figures, first_sources], axis=1), **heads)


def place(known: Evidence, codes: str) -> str:
    """Markets by name: "TWN;THA" is "Taiwan, Thailand", "EX-CHINA" is "outside China"."""
    names = known.markets.set_index("market").name.to_dict() | ELSEWHERE
    text = re.sub("ex-china", "outside China", codes, flags=re.IGNORECASE)
    text = re.sub(r"[;+]", ", ", text).replace("less", "without")
    return re.sub(r"[A-Z]{3}", lambda code: names[code[0]], text)


def titled(table: pd.DataFrame, **heads: str) -> pd.DataFrame:
    """`table` with its columns as a reader would head them; `heads` go before words.HEADS."""
    plain = {name: name[:1].upper() + name[1:].replace("_", " ") for name in table}
    return table.rename(columns=plain | words.HEADS | heads)


def observed(known: Evidence, platform: str) -> pd.DataFrame:
    """Every observed figure of a messenger, in the order of data/observed.csv."""
    rows = known.observed[known.observed.platform == platform].drop(columns=["series", "platform"])
    return sourced(known, rows)


def fresh_by_market(known: Evidence) -> pd.DataFrame:
    """The latest day of a figure for the use of each messenger in each market, None without one.

    Accounts, claims and growth do not count; a list of messengers that leaves one out does.
    """
    figures = known.observed[known.observed.metric.str.match(words.OF_USE)]
    latest = figures.groupby(["geography", "platform"]).date.max().unstack()
    names = known.markets[known.markets.market != "ROW"].set_index("market").name
    table = latest.reindex(index=names.index, columns=list(PLATFORMS))
    table = table.astype(object).where(table.notna(), None)
    return table.set_axis(names).rename_axis("Market", axis=0).reset_index()


def at_origin(known: Evidence, table: pd.DataFrame, origin: str) -> pd.DataFrame:
    """The rows of `table` at a forecast origin."""
    rows = table[table.origin == origin].drop(columns="origin")
    return sourced(known, rows, **words.MILLION_HEADS)


def of_markets(known: Evidence, name: str) -> pd.DataFrame:
    """A table of data/ about the markets."""
    table = getattr(known, name)
    if name == "markets":
        table = table.drop(columns=["tile_column", "tile_row"])
        return titled(table.rename(columns={"market": "code", "name": "market"}))
    heads = words.PERCENT_HEADS if name == "incumbents" else words.MILLION_HEADS
    # a grade of its own stands beside that of the source
    return sourced(known, table.rename(columns={"grade": "own_grade"}), **heads)


def fits(known: Evidence) -> pd.DataFrame:
    """The calibrated values: median, 80% range and best, and how far each is informed."""
    both = pd.concat([known.settings, known.parameters]).set_index("name")
    named = known.fits.assign(setting=known.fits.setting.map(both.label))
    named.insert(2, "unit", known.fits.setting.map(both.unit))
    return titled(named, **words.FIT_HEADS).round(2)


def sampler(known: Evidence) -> pd.DataFrame:
    """How far the draws of each fit can be trusted, a row a fit."""
    table = known.fit_summary.assign(acceptance=100 * known.fit_summary.acceptance)
    table[["draws", "effective"]] = table[["draws", "effective"]].round().astype(int)
    return titled(table.drop(columns=["fingerprint", "validity"]).round(3))


def record(known: Evidence) -> pd.DataFrame:
    """Scores of the record by kind and horizon, shares in %, with the rows where it loses."""
    table = scores.summary(known.record)
    table["horizon_quarters"] = table.horizon_quarters.replace(0, "all").astype(str)
    shares = [name for name in table if name.startswith(("coverage", "no_worse"))]
    table[shares] = 100 * table[shares].round(2)
    table["kind"] = table.kind.map(words.KINDS)
    return titled(table.round(2), kind="Forecasts")


def every_forecast(known: Evidence) -> pd.DataFrame:
    """Every forecast of the record beside what came, million users, and which method was nearest.

    Where the model is as near as another, it counts as nearest.
    """
    rows = record_rows(known)
    errors = {how: np.log(rows[name] / rows.observed).abs() for name, how in words.METHODS.items()}
    rows = rows.assign(range=outcomes(rows), nearest=pd.DataFrame(errors).idxmin(axis=1))
    return titled(rows.round(1))


def record_rows(known: Evidence) -> pd.DataFrame:
    """The record with the names of its markets."""
    return known.record.assign(market=[place(known, code) for code in known.record.market])
