"""The tables of the reading pages: data/ with grade and link of each source, fits and record."""

import re
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from scipy.special import ndtri

from model.calibration import scores
from model.evidence import Evidence
from model.messengers import PLATFORMS
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
MARKET_TABLES = {  # title of each table that can be chosen, its table of data/ and further heads
    "Markets and their leading messengers": ("markets", {"name": "Market"}),
    "People online": ("addressable", {}),
    "Security concern": ("concern", {}),
    "Established messengers": ("incumbents", {"low": "Low (%)", "high": "High (%)"}),
    "China-born people": ("migrants", {}),
    "People of Chinese descent": ("descent", words.MILLION_HEADS),
    "WeChat by market in mid-2024": ("wechat_by_market", words.WECHAT_HEADS),
    "How others fared abroad": ("reference_class", {"date": "Day"}),
    "What concern does": ("concern_effects", {"date": "Day"}),
}
COLUMNS = {  # how some columns are shown, by their head
    # the host of a link stands for all of it
    "Link": st.column_config.LinkColumn(display_text=r"^https?://(?:www\.)?([^/:]+)"),
    "Grade": st.column_config.TextColumn(help=words.GRADE_HELP),
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


def note(text: str) -> None:
    """A small line in the colour of the text: Streamlit's captions are paler than 4.5:1."""
    st.markdown(f":small[{text}]")


def sourced(
    known: Evidence, table: pd.DataFrame, heads: dict[str, str] | None = None
) -> pd.DataFrame:
    """`table` with producer, grade and url of each row's first source in place of its id."""
    sources = known.sources.set_index("source_id")[["producer", "grade", "url"]]
    sources["url"] = sources.url.where(sources.url.str.startswith("http"))
    first_sources = sources.loc[table.source_id.str.split(";").str[0]].set_index(table.index)
    figures = table.drop(columns=["source_id", "grade"], errors="ignore")
    for column in PLACES.intersection(figures.columns):
        figures[column] = figures[column].map(lambda codes: place(known, codes))
    return titled(pd.concat([figures, first_sources], axis=1), heads)


def place(known: Evidence, codes: str) -> str:
    """Markets by name: "TWN;THA" is "Taiwan, Thailand", "EX-CHINA" is "outside China"."""
    names = dict(zip(known.markets.market, known.markets.name, strict=True)) | ELSEWHERE
    text = re.sub("ex-china", "outside China", codes, flags=re.IGNORECASE)
    text = re.sub(r"[;+]", ", ", text).replace("less", "without")
    return re.sub(r"[A-Z]{3}", lambda code: names[code[0]], text)


def titled(table: pd.DataFrame, heads: dict[str, str] | None = None) -> pd.DataFrame:
    """`table` with its columns as a reader would head them; `heads` go before words.HEADS."""
    plain = {name: name[:1].upper() + name[1:].replace("_", " ") for name in table}
    return table.rename(columns=plain | words.HEADS | (heads or {}))


def matching(table: pd.DataFrame, search: str) -> pd.DataFrame:
    """The rows of `table` that hold every word of `search` in some column, in any case."""
    text = table.fillna("").astype(str).agg(" ".join, axis=1).str.lower()
    hit = pd.Series(True, index=table.index)
    for word in search.lower().split():
        hit &= text.str.contains(word, regex=False)
    return table[hit]


def series_names(known: Evidence) -> dict[str, str]:
    """Names of the observed series by id: platform, metric and place."""
    first = known.observed.drop_duplicates("series").itertuples()
    return {
        row.series: f"{row.platform} {row.metric}: {place(known, row.geography)}" for row in first
    }


def observed(known: Evidence, platforms: tuple[str, ...]) -> pd.DataFrame:
    """Every observed figure of some messengers, in the order of data/observed.csv."""
    chosen = known.observed[known.observed.platform.isin(platforms)]
    columns = ["platform", "geography", "metric", "date", "value", "low", "high", "unit"]
    columns += ["quarter", "published", "note", "source_id"]
    return sourced(known, chosen[columns], {"date": "Day"})


def freshness(known: Evidence) -> pd.DataFrame:
    """The latest day of each kind of observed figure, the latest year of what markets have.

    columns : as on the screen; a kind, its latest day or year, and whose figure that is, with the
    market whose latest figure is oldest
    """
    rows = []
    for kind, pattern in words.FIGURE_KINDS.items():
        figures = known.observed[known.observed.platform.isin(PLATFORMS)]
        figures = figures[figures.metric.str.fullmatch(pattern)].sort_values("date")
        last = figures.iloc[-1]
        rows.append((kind, last.date, f"{last.platform}, {place(known, last.geography)}"))
    for kind, (name, status) in words.MARKET_KINDS.items():
        table = getattr(known, name)
        table = table[table.market != "ROW"]
        table = table[table.status.str.fullmatch(status)] if status else table
        last = table.groupby("market").year.max()
        oldest = words.OLDEST.format(market=place(known, last.idxmin()), year=last.min())
        of = f"{place(known, last.idxmax())}; {oldest}" if last.nunique() > 1 else words.EVERY
        rows.append((kind, str(last.max()), of))
    return pd.DataFrame(rows, columns=words.FRESHNESS_HEADS)


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
    return sourced(known, table[table.origin == origin].drop(columns="origin"), words.MILLION_HEADS)


def of_markets(known: Evidence, name: str, heads: dict[str, str]) -> pd.DataFrame:
    """A table of data/ about the markets."""
    if name != "markets":
        table = getattr(known, name)  # a grade of its own stands beside that of the source
        return sourced(known, table.rename(columns={"grade": "own_grade"}), heads)
    table = known.markets.drop(columns=["tile_column", "tile_row"])
    return titled(table.rename(columns={"market": "code"}), heads)


def fits(known: Evidence) -> pd.DataFrame:
    """The calibrated values: median, 80% range and best, and how far each is informed."""
    both = pd.concat([known.settings, known.parameters]).set_index("name")
    named = known.fits.assign(setting=known.fits.setting.map(both.label))
    named.insert(2, "unit", known.fits.setting.map(both.unit))
    return titled(named, words.FIT_HEADS).round(2)


def sampler(known: Evidence) -> pd.DataFrame:
    """How far the draws of each fit can be trusted, a row a fit."""
    table = known.fit_summary.assign(acceptance=100 * known.fit_summary.acceptance)
    table[["draws", "effective"]] = table[["draws", "effective"]].round().astype(int)
    return titled(table[list(words.SAMPLER_HEADS)].round(3), words.SAMPLER_HEADS)


def record(known: Evidence) -> pd.DataFrame:
    """Scores of the record by kind and horizon, shares in %, with the rows where it loses."""
    table = scores.summary(known.record)
    table["horizon_quarters"] = table.horizon_quarters.replace(0, "all").astype(str)
    shares = [name for name in table if name.startswith(("coverage", "no_worse"))]
    table[shares] = 100 * table[shares].round(2)
    table["kind"] = table.kind.map(words.KINDS)
    return titled(table.round(2), words.SCORE_HEADS)


def losing(known: Evidence) -> pd.DataFrame:
    """The forecasts of the record that a simple method beats, the largest difference first."""
    rows = record_rows(known)
    error = {name: np.log(rows[name] / rows.observed).abs() for name in ("median", *words.SIMPLE)}
    simple = pd.DataFrame({name: error[name] for name in words.SIMPLE})
    better = error["median"] - simple.min(axis=1)
    rows = rows.assign(better=simple.idxmin(axis=1).map(words.SIMPLE))
    rows = rows[better > 0].loc[better[better > 0].sort_values(ascending=False).index]
    return titled(rows.round(1), words.RECORD_HEADS)


def error_spread(known: Evidence) -> pd.DataFrame:
    """Spread of past forecast errors by horizon, and the factor within which 80% of them lie."""
    table = known.error_spread[known.error_spread.horizon_quarters.isin(words.SPREAD_AT)]
    factors = {f"{name}_80": np.exp(ndtri(0.9) * table[name]) for name in ("total", "market")}
    return titled(table.assign(**factors).round(3), words.SPREAD_HEADS)


def every_forecast(known: Evidence) -> pd.DataFrame:
    """Every forecast of the record beside what came, million users."""
    return titled(record_rows(known).round(1), words.RECORD_HEADS)


def record_rows(known: Evidence) -> pd.DataFrame:
    """The record with the names of its markets."""
    names = dict(zip(known.markets.market, known.markets.name, strict=True))
    return known.record.assign(
        market=known.record.market.map({"EX-CHINA": "outside China"} | names)
    )


def as_it_happened(known: Evidence, errors: pd.DataFrame) -> pd.DataFrame:
    """The errors of the case "As it happened" against every series, %."""
    return titled(errors.assign(series=errors.series.map(series_names(known))), words.ERROR_HEADS)


def filing(known: Evidence) -> pd.DataFrame:
    """KakaoTalk's users as its merger filing of 2014 forecast them, beside what came, million."""
    table = known.observed
    rows = table[table.series == "kakao_world_forecast_2014"].reset_index(drop=True)
    users = table[table.series == "kakao_world_mau"].sort_values("date")
    last = users[users.published <= rows.published.min()].value.iloc[-1]
    shown = rows[["quarter", "published"]].assign(forecast=rows.value, last=last)
    shown["observed"] = rows.quarter.map(users.set_index("quarter").value)
    for name in ("forecast", "last"):
        shown[f"{name}_error"] = 100 * (shown[name] / shown.observed - 1)
    return titled(shown.round(1), words.FILING_HEADS)
