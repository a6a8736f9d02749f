"""The tables of the evidence page: data/ with each source's grade and link beside the figure."""

import re

import pandas as pd

from model.evidence import Evidence

PLACES = {"market", "markets", "geography", "home_market", "scope"}  # columns of market codes
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
MILLION = {"low": "Low (million)", "high": "High (million)"}
HEADS = {  # of columns whose name in data/ is not head enough; the rest are only capitalised
    "url": "Link",
    "producer": "Source",
    "platform": "Messenger",
    "geography": "Place",
    "value_millions": "Users (million)",
    "basis": "How it is known",
    "label": "Setting",
    "prior_low": "Plausible from",
    "prior_high": "Plausible to",
    "metric": "What was counted",
    "population_millions": "Population (million)",
    "internet_pct": "Online (%)",
    "addressable_millions": "People online (million)",
    "unfavourable": "Unfavourable view of China (0-1)",
    "privacy": "Worried about data (0-1)",
    "concern": "Concern index (0-1)",
    "share_pct": "Share of people online (%)",
    "china_born": "China-born (people)",
    "descent_millions": "Of Chinese descent (million)",
    "went_abroad": "Went abroad (year)",
    "causal_strength": "Kind of evidence",
    "leader_2014": "Leader in 2014",
    "leader_2014_evidence": "Evidence for 2014",
    "leader_latest": "Latest leader",
    "leader_latest_year": "Year of the latest",
    "said": "What the article says",
    "place": "Where it is used",
    "date_published": "Published",
    "locator": "Where in the source",
    "horizon_quarters": "Quarters ahead",
}
MARKET_TABLES = {  # title of each table that can be chosen, its table of data/ and further heads
    "Markets and their leading messengers": ("markets", {"name": "Market"}),
    "People online": ("addressable", {}),
    "Security concern": ("concern", {}),
    "Established messengers": ("incumbents", {"low": "Low (%)", "high": "High (%)"}),
    "China-born people": ("migrants", {}),
    "People of Chinese descent": ("descent", MILLION),
    "How others fared abroad": ("reference_class", {"date": "Day"}),
    "What concern does": ("concern_effects", {"date": "Day"}),
}
MARKET_NOTES = {  # a sentence above the table, by title
    "Markets and their leading messengers": "Every market and the rest of the world, with the "
    "messenger that led each in 2014 and at last count.",
    "People online": "Population times the share that uses the internet: the people whom a "
    "messenger can reach.",
    "Security concern": "Share with an unfavourable view of China times the share worried about "
    "their data.",
    "Established messengers": "The share of people online who use the strongest messenger other "
    "than the three, WhatsApp as a rule; with its range and how it was worked out.",
    "China-born people": "People born in China who live in the market.",
    "People of Chinese descent": "In Hong Kong and Taiwan: people with close family on the "
    "mainland. With the range.",
    "How others fared abroad": "Other messengers and networks outside their home market.",
    "What concern does": "Surveys and experiments on concern over Chinese products and their use.",
}
DOMAIN = r"^https?://(?:www\.)?([^/:]+)"  # of a link, which a table shows in place of all of it
GRADES = (
    "Grades: **A** filing or release of the company, official statistics, refereed paper · "
    "**B** company figure reported by the press · **C** third-party estimate or survey · "
    "**D** assumption or our own reading, with its reason. Figures with several sources show the "
    "first; `data/` holds them all."
)
GRADE_HELP = (
    "A: company filing, official statistics or refereed paper. B: company figure in the press. "
    "C: estimate or survey by others. D: assumption or our own reading."
)


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
    """`table` with its columns as a reader would head them; `heads` go before HEADS."""
    plain = {name: name[:1].upper() + name[1:].replace("_", " ") for name in table}
    return table.rename(columns=plain | HEADS | (heads or {}))


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


def named_series(known: Evidence, table: pd.DataFrame) -> pd.DataFrame:
    """`table` with the names of its series in place of their ids."""
    return table.assign(series=table.series.map(series_names(known)))


def observed(known: Evidence, platforms: tuple[str, ...]) -> pd.DataFrame:
    """Every observed figure of some messengers, in the order of data/observed.csv."""
    chosen = known.observed[known.observed.platform.isin(platforms)]
    columns = ["platform", "geography", "metric", "date", "value", "low", "high", "unit"]
    columns += ["quarter", "published", "note", "source_id"]
    return sourced(known, chosen[columns], {"date": "Day"})


def settings(known: Evidence) -> pd.DataFrame:
    """One row a setting: symbol, equation, value, range, prior, note and source."""
    columns = ["label", "name", "symbol", "equation", "value", "low", "high", "unit"]
    columns += ["prior_low", "prior_high", "note", "source_id"]
    symbol = known.settings.symbol.str.replace(r"\\text|[\\{}]", "", regex=True)  # LaTeX as text
    heads = {"value": "Default", "low": "Lowest", "high": "Highest", "name": "Name in links"}
    return sourced(known, known.settings.assign(symbol=symbol)[columns], heads)


def at_origin(known: Evidence, table: pd.DataFrame, origin: str) -> pd.DataFrame:
    """The rows of `table` at a forecast origin."""
    return sourced(known, table[table.origin == origin].drop(columns="origin"), MILLION)


def of_markets(known: Evidence, title: str) -> pd.DataFrame:
    """The table of the markets that is chosen by its title."""
    name, heads = MARKET_TABLES[title]
    if name != "markets":
        return sourced(known, getattr(known, name), heads)
    table = known.markets.drop(columns=["tile_column", "tile_row"])
    return titled(table.rename(columns={"market": "code"}), heads)


def home(known: Evidence) -> str:
    """Weixin and QQ in a sentence: the home market, which the projection leaves out."""
    table = known.observed[known.observed.date == "2013-12-31"].set_index("series").value
    weixin, qq = table["wechat_world_mau"], table["qq_mau"]
    return (
        f"At the end of 2013 Weixin and WeChat together had **{weixin:.0f} million** monthly "
        f"accounts, nearly all in China, and QQ, of 1999 and the same owner, **{qq:.0f} million**. "
        "The projection counts users outside mainland China only."
    )
