"""The tables of the evidence page: data/ with each source's grade and link beside the figure."""

import re

import pandas as pd

from model.calibration import record_scores
from model.evidence.reader import Evidence

PLACES = {"market", "markets", "geography"}  # columns that hold codes of markets
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
    first = table.source_id.str.split(";").str[0]
    beside = sources.loc[first].set_index(table.index)
    own = table.drop(columns=["source_id", "grade"], errors="ignore")
    for column in PLACES.intersection(own.columns):
        own[column] = own[column].map(lambda codes: place(known, codes))
    return titled(pd.concat([own, beside], axis=1))


def place(known: Evidence, codes: str) -> str:
    """Markets by name: "TWN;THA" is "Taiwan, Thailand", "EX-CHINA" is "outside China"."""
    names = dict(zip(known.markets.market, known.markets.name, strict=True)) | ELSEWHERE
    said = re.sub("ex-china", "outside China", codes, flags=re.IGNORECASE)
    said = re.sub(r"[;+]", ", ", said).replace("less", "without")
    return re.sub(r"[A-Z]{3}", lambda code: names[code[0]], said)


def titled(table: pd.DataFrame) -> pd.DataFrame:
    """`table` with its columns as a reader would head them."""
    return table.rename(
        columns=lambda name: (
            name if name == "url" else name[:1].upper() + name[1:].replace("_", " ")
        )
    )


def series_names(known: Evidence) -> dict[str, str]:
    """What each observed series counts, and where, by its id."""
    first = known.observed.drop_duplicates("series").set_index("series")
    return {
        row.Index: f"{row.platform} {row.metric}: {place(known, row.geography)}"
        for row in first.itertuples()
    }


def observed(known: Evidence) -> pd.DataFrame:
    """Every observed figure."""
    named = known.observed.assign(series=known.observed.series.map(series_names(known)))
    return sourced(known, named.drop(columns=["platform", "geography"]))


def errors(known: Evidence, table: pd.DataFrame) -> pd.DataFrame:
    """Error of the case as-it-happened by series."""
    named = table.assign(series=table.series.map(series_names(known)))
    return titled(named)


def settings(known: Evidence) -> pd.DataFrame:
    """One row a setting: value, range, prior, note and source."""
    columns = ["label", "name", "value", "low", "high", "unit", "prior_low", "prior_high"]
    return sourced(known, known.settings[[*columns, "note", "source_id"]])


def origins(known: Evidence) -> list[str]:
    """The forecast origins, earliest first."""
    return sorted(known.installed_base.origin.unique())


def base(known: Evidence, origin: str) -> pd.DataFrame:
    """Users by platform and market at an origin."""
    rows = known.installed_base[known.installed_base.origin == origin]
    return sourced(known, rows.drop(columns="origin"))


def totals(known: Evidence, origin: str) -> pd.DataFrame:
    """The totals that the cells of `base` add up to."""
    return sourced(known, known.totals[known.totals.origin == origin].drop(columns="origin"))


def market_tables(known: Evidence) -> dict[str, pd.DataFrame]:
    """What each market brings from outside, by title."""
    return {
        "Markets and their leading messengers": titled(
            known.markets.drop(columns=["tile_column", "tile_row"]).rename(
                columns={"market": "code"}
            )
        ),
        "Addressable people: population times share using the internet": sourced(
            known, known.addressable
        ),
        "Security concern: unfavourable view of China times worry about privacy, 0-1": sourced(
            known, known.concern
        ),
        "Established messengers: % of people online who use the strongest, with its range and how "
        "it was made": sourced(known, known.incumbents),
        "China-born people": sourced(known, known.migrants),
        "People of Chinese descent, million, with the range": sourced(known, known.descent),
    }


def reference_class(known: Evidence) -> pd.DataFrame:
    """How other messengers and networks fared abroad."""
    named = known.reference_class.copy()
    for column in ("home_market", "scope"):
        named[column] = [place(known, cell) for cell in named[column]]
    return sourced(known, named)


def concern_effects(known: Evidence) -> pd.DataFrame:
    """Surveys and experiments on concern and what people do."""
    return sourced(known, known.concern_effects)


def constants(known: Evidence) -> pd.DataFrame:
    """The numbers of the model that no slider moves."""
    return sourced(known, known.constants)


def record_rows(known: Evidence) -> pd.DataFrame:
    """The record row by row: what the model would have forecast, and what came, in millions."""
    return titled(known.record).round(1)


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
    """The calibrated values with how much the data say about each."""
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
    """Scores of the record by kind and horizon, shares in %; losing rows like the others."""
    table = record_scores.summary(known.record)
    table["horizon_quarters"] = table.horizon_quarters.replace(0, "all").astype(str)
    shares = [name for name in table if name.startswith(("coverage", "no_worse"))]
    table[shares] = 100 * table[shares].round(2)
    return titled(table.round(2))


def leaders_right(known: Evidence) -> str:
    """How often the leader of a market was the projected one."""
    table = record_scores.leaders_right(known.record_leaders)
    right, before = (
        100 * (table[name] * table.markets).sum() / table.markets.sum()
        for name in ("projected", "before")
    )
    return (
        f"The messenger projected to lead a market did so in **{right:.0f}%** of "
        f"{table.markets.sum()} cases; whoever led it at the origin in {before:.0f}%."
    )


RECORD = (
    "At each of 11 origins the page's own model was fitted to what had been published by then and "
    "projected up to 20 quarters on. Company figures of LINE and KakaoTalk came later; WeChat "
    "abroad has none. Coverage: share of outcomes inside each band, %. Width: high end over low "
    "end. Error: mean absolute error of the logarithm; 0.1 is about 10%. No worse than: share of "
    "outcomes, %. Rows are few and not independent."
)


def backtest(known: Evidence) -> pd.DataFrame:
    """Scaled error (MASE) by series and horizon, a column a method; losing rows like the others."""
    table = known.backtest.assign(series=known.backtest.series.map(series_names(known)))
    wide = table.pivot(index=["horizon_quarters", "series"], columns="method", values="mase")
    count = table[table.method == "model"].set_index(["horizon_quarters", "series"])
    wide = wide.drop(columns="model-parameters").assign(
        outcomes=count.n, held_by_80=count.coverage80, best=wide.idxmin(axis=1)
    )
    return titled(wide.reset_index()).round(2)


def verdict(known: Evidence) -> str:
    """What the back-test says, with where it loses."""
    table = known.backtest
    said = []
    for horizon in (8, 12):
        rows = table[(table.horizon_quarters == horizon) & (table.method != "model-parameters")]
        wide = rows.pivot(index="series", columns="method", values="mase")
        best = wide.drop(columns="model").min(axis=1)
        names = series_names(known)
        lost = [names[one] for one in sorted(wide.index[wide.model > best])]
        mean = ", ".join(f"{name} {wide[name].mean():.2f}" for name in wide)
        said.append(
            f"- **{horizon} quarters ahead**: mean scaled error {mean}. It loses to the best naive "
            f"method of the series on {len(lost)} of {len(wide)}: {'; '.join(lost) or 'none'}."
        )
    held = {
        method: (rows.coverage80 * rows.n).sum() / rows.n.sum()
        for method, rows in table.groupby("method")
    }
    rest = table[(table.method == "model") & (table.series != "wechat_world_mau")]
    others = (rest.coverage80 * rest.n).sum() / rest.n.sum()
    said.append(
        f"- The 80% prediction interval held **{100 * held['model']:.0f}%** of the outcomes "
        f"({100 * others:.0f}% without WeChat's world series, which has most of them); the band "
        f"from the fitted settings alone held {100 * held['model-parameters']:.0f}%, which is "
        "why it is not called a prediction interval."
    )
    intro = (
        "The model's one-platform form, started at every quarter of every series with enough "
        "figures, against the last value, the drift (of all and of the last four quarters) and "
        "Holt's damped trend. MASE: error over the mean change of one quarter; below is better."
    )
    return "\n".join([intro, "", *said])
