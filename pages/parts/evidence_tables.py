"""The tables of the evidence page: data/ with each source's grade and link beside the figure."""

import re

import numpy as np
import pandas as pd

from model.calibration import record_scores
from model.evidence.reader import Evidence

PLACES = {
    "market",
    "markets",
    "geography",
    "home_market",
    "scope",
}  # columns that hold codes of markets
ELSEWHERE = {  # places that the model counts with the rest of the world, or not at all
    "ALL": "several markets",
    "ARG": "Argentina",
    "BTN": "Bhutan",
    "CHN": "mainland China",
    "IRN": "Iran",
    "KEN": "Kenya",
    "NGA": "Nigeria",
    "RUS": "Russia",
    "TUR": "Turkey",
}
MARKET_TABLES = {  # what each market brings from outside, by table of data/
    "addressable": "Addressable people: population times share using the internet",
    "concern": "Security concern: unfavourable view of China times worry about privacy, 0-1",
    "incumbents": "Established messengers: % of people online who use the strongest, with its "
    "range and how it was made",
    "migrants": "China-born people",
    "descent": "People of Chinese descent, million, with the range",
}
LINKS = {"url": {"type": "link", "label": "Link"}}
GRADES = (
    "Grades: **A** filing or release of the company, official statistics, refereed paper · "
    "**B** company figure reported by the press · **C** third-party estimate or survey · "
    "**D** assumption or our own reading, with its reason. Figures with several sources show the "
    "first; `data/` holds them all."
)


def sourced(known: Evidence, table: pd.DataFrame) -> pd.DataFrame:
    """`table` with producer, grade and url of each row's first source in place of its id."""
    sources = known.sources.set_index("source_id")[["producer", "grade", "url"]]
    sources["url"] = sources.url.where(sources.url.str.startswith("http"))
    first_sources = sources.loc[table.source_id.str.split(";").str[0]].set_index(table.index)
    figures = table.drop(columns=["source_id", "grade"], errors="ignore")
    for column in PLACES.intersection(figures.columns):
        figures[column] = figures[column].map(lambda codes: place(known, codes))
    return titled(pd.concat([figures, first_sources], axis=1))


def place(known: Evidence, codes: str) -> str:
    """Markets by name: "TWN;THA" is "Taiwan, Thailand", "EX-CHINA" is "outside China"."""
    names = dict(zip(known.markets.market, known.markets.name, strict=True)) | ELSEWHERE
    text = re.sub("ex-china", "outside China", codes, flags=re.IGNORECASE)
    text = re.sub(r"[;+]", ", ", text).replace("less", "without")
    return re.sub(r"[A-Z]{3}", lambda code: names[code[0]], text)


def titled(table: pd.DataFrame) -> pd.DataFrame:
    """`table` with its columns as a reader would head them."""
    heads = {name: name[:1].upper() + name[1:].replace("_", " ") for name in table}
    return table.rename(columns=heads | {"url": "url"})


def series_names(known: Evidence) -> dict[str, str]:
    """Names of the observed series by id: platform, metric and place."""
    first = known.observed.drop_duplicates("series").itertuples()
    return {
        row.series: f"{row.platform} {row.metric}: {place(known, row.geography)}" for row in first
    }


def named_series(known: Evidence, table: pd.DataFrame) -> pd.DataFrame:
    """`table` with the names of its series in place of their ids."""
    return table.assign(series=table.series.map(series_names(known)))


def observed(known: Evidence) -> pd.DataFrame:
    """Every observed figure."""
    columns = ["platform", "geography"]
    return sourced(known, named_series(known, known.observed).drop(columns=columns))


def settings(known: Evidence) -> pd.DataFrame:
    """One row a setting: symbol, equation, value, range, prior, note and source."""
    columns = ["label", "name", "symbol", "equation", "value", "low", "high", "unit"]
    columns += ["prior_low", "prior_high", "note", "source_id"]
    symbol = known.settings.symbol.str.replace(r"\\text|[\\{}]", "", regex=True)  # LaTeX as text
    return sourced(known, known.settings.assign(symbol=symbol)[columns])


def at_origin(known: Evidence, table: pd.DataFrame, origin: str) -> pd.DataFrame:
    """The rows of `table` at a forecast origin."""
    return sourced(known, table[table.origin == origin].drop(columns="origin"))


def markets(known: Evidence) -> pd.DataFrame:
    """The markets: code, name, region and leading messengers."""
    table = known.markets.drop(columns=["tile_column", "tile_row"])
    return titled(table.rename(columns={"market": "code"}))


def home(known: Evidence) -> str:
    """Weixin and QQ in a sentence: the home market, which the projection leaves out."""
    table = known.observed[known.observed.date == "2013-12-31"].set_index("series").value
    weixin, qq = table["wechat_world_mau"], table["qq_mau"]
    return (
        f"At the end of 2013 Weixin and WeChat together had **{weixin:.0f} million** monthly "
        f"accounts, nearly all in China, and QQ, of 1999 and the same owner, **{qq:.0f} million**. "
        "The projection counts users outside mainland China only."
    )


def fits(known: Evidence) -> pd.DataFrame:
    """The calibrated values, and the spread of each after the fit over before it."""
    labels = known.settings.set_index("name").label
    named = known.fits.assign(setting=known.fits.setting.map(labels).fillna(known.fits.setting))
    return titled(named.rename(columns={"informed": "spread after / before"})).round(2)


CALIBRATION = (
    "Two fits: **march-2014** sees only what was public by 31 March 2014, **as-it-happened** sees "
    "everything. The last column is the spread after the fit over the spread before it: near 1, "
    "the data say nothing. Concern is in neither: figures for the whole world cannot tell what "
    "concern did."
)


def record(known: Evidence) -> pd.DataFrame:
    """Scores of the record by kind and horizon, shares in %, with the rows where it loses."""
    table = record_scores.summary(known.record)
    table["horizon_quarters"] = table.horizon_quarters.replace(0, "all").astype(str)
    shares = [name for name in table if name.startswith(("coverage", "no_worse"))]
    table[shares] = 100 * table[shares].round(2)
    return titled(table.round(2))


def leaders_right(known: Evidence) -> str:
    """The share of markets that the projected messenger led, in a sentence."""
    table = known.record_leaders
    right, before = (100 * (table[name] == table.actual).mean() for name in ("projected", "before"))
    return (
        f"The messenger projected to lead a market did so in **{right:.0f}%** of {len(table)} "
        f"cases; whoever led it at the origin in {before:.0f}%."
    )


RECORD = (
    "At each of 11 origins the page's own model was fitted to what had been published by then and "
    "projected up to 20 quarters on. Company figures of LINE and KakaoTalk came later; WeChat "
    "abroad has none. Coverage: share of outcomes inside each band, %. Width: high end over low "
    "end. Error: mean absolute error of the logarithm; 0.1 is about 10%. No worse than: share of "
    "outcomes, %. Rows are few and not independent."
)


def backtest(known: Evidence) -> pd.DataFrame:
    """Scaled error (MASE) by series and horizon, a column a method, with the rows it loses."""
    table = named_series(known, known.backtest)
    keys = ["horizon_quarters", "series"]
    wide = table.pivot(index=keys, columns="method", values="mase")
    model = table[table.method == "model"].set_index(keys)
    wide = wide.drop(columns="model-parameters").assign(
        outcomes=model.n, held_by_80=model.coverage80, best=wide.idxmin(axis=1)
    )
    return titled(wide.reset_index()).round(2)


def verdict(known: Evidence) -> str:
    """The findings of the back-test, with the series on which it loses."""
    table, names = known.backtest, series_names(known)
    lines = [
        "The model's one-platform form, started at every quarter of every series with enough "
        "figures, against the last value, the drift (of all and of the last four quarters) and "
        "Holt's damped trend. MASE: error over the mean change of one quarter; below is better.",
        "",
    ]
    for horizon in (8, 12):
        rows = table[(table.horizon_quarters == horizon) & (table.method != "model-parameters")]
        wide = rows.pivot(index="series", columns="method", values="mase")
        ids = wide.index[wide.model > wide.drop(columns="model").min(axis=1)]
        lost = [names[series] for series in ids]
        mean = ", ".join(f"{name} {wide[name].mean():.2f}" for name in wide)
        lines.append(
            f"- **{horizon} quarters ahead**: mean scaled error {mean}. It loses to the best naive "
            f"method of the series on {len(lost)} of {len(wide)}: {'; '.join(lost) or 'none'}."
        )
    model = table[table.method == "model"]
    others = model[model.series != "wechat_world_mau"]
    settings_alone = table[table.method == "model-parameters"]
    lines.append(
        f"- The 80% prediction interval held **{_held(model):.0f}%** of the outcomes "
        f"({_held(others):.0f}% without WeChat's world series, which has most of them); the band "
        f"from the fitted settings alone held {_held(settings_alone):.0f}%, which is why it is not "
        "called a prediction interval."
    )
    return "\n".join(lines)


def _held(rows: pd.DataFrame) -> float:
    """The share of the outcomes that lie inside the 80% band, in %."""
    return 100 * float(np.average(rows.coverage80, weights=rows.n))
