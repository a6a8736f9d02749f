"""The sentences of the evidence page, and the heads of its tables."""

import pandas as pd

from model.calibration import scores
from model.evidence import Evidence
from model.quarters import day_years, month_text
from pages.parts.wording import share

TITLE = "Sources and figures"
ABOUT = "Every figure has a source and a grade, from A (best) to D (assumption)."
GRADES = (
    f"Grades: {' · '.join(f'**{grade}** {text}' for grade, text in share.GRADES.items())}. Figures "
    "with several sources show the first; `data/` holds them all."
)
ROWS = "{title}: {count} rows"  # for screen readers
OBSERVED = (
    "Users in million, by year; each panel has a scale of its own, from 0. **●** published by "
    "the company · **◇** survey or estimate by others · **┃** a range, because no single "
    "figure exists. The number is the last figure."
)
EVERY_FIGURE = (
    "Also registered accounts, shares of the people online, and what no chart and no fit uses: "
    "claims, and accounts less a panel of devices in mainland China, which are not users abroad. "
    "Without a value: a list of messengers that does not name this one, or gives it no figure; its "
    "share lies below the last figure of the list."
)
FRESH = "How fresh the figures are"
FRESH_BY_MARKET = (
    "Users, shares of people, and lists that leave a messenger out; not numbers of accounts and "
    "not claims. A dash: no figure was found."
)
OF_USE = r"(daily )?users(?!, forecast|, residual)|share|reach"  # start of a metric
STARTING = (
    "Reported: by the company. Survey: a share of the people online or a panel. Judged: our own "
    "reading of several figures. Allocated: the rest of a total, shared out by the rule in the "
    "note."
)
PAST_FORECASTS = (
    "Each line is one forecast with its 80% range. **●** the range held what came · **✚** it "
    "missed, with its name. Beyond a quarter or four times it is cut."
)
EVENTS = "Switch: the name of the event's switch in links, where the page has one."
ARTICLE = "Its figures, and where each enters the page."
MARKETS = {  # title -> table of data/, and the text above it
    "Markets and their leading messengers": (
        "markets",
        "Every market and the rest of the world, with the messenger that led each in 2014 and at "
        "last count.",
    ),
    "People online": (
        "addressable",
        "Population times the share that uses the internet: the people whom a messenger can reach.",
    ),
    "Security concern": (
        "concern",
        "Share with an unfavourable view of China times the share worried about their data.",
    ),
    "Established messengers": (
        "incumbents",
        "The share of people online who use the strongest messenger other than the three, WhatsApp "
        "as a rule; with its range and how it was worked out.",
    ),
    "China-born people": ("migrants", "People born in China who live in the market."),
    "People of Chinese descent": (
        "descent",
        "In Hong Kong and Taiwan: people with close family on the mainland. With the range.",
    ),
    "WeChat by market in mid-2024": (
        "wechat_by_market",
        "Our own reading of better and worse figures, with 80% ranges. The centres add up to 39 "
        "million; with an error of 20% that all of them share, the total is about 43 million (29 "
        "to 65).",
    ),
    "How others fared abroad": (
        "reference_class",
        "Other messengers and networks outside their home market.",
    ),
    "What concern does": (
        "concern_effects",
        "Surveys and experiments on concern over Chinese products and their use.",
    ),
}
CALIBRATION = (
    "Two fits: **march-2014** sees only what was public by 31 March 2014, **as-it-happened** sees "
    "everything. Median and 80% range are those of the values that agree with the figures; best is "
    "the single set of values that agrees best. The last column is the spread after the fit over "
    "the spread before it: near 1, the data say nothing. Concern is in neither: figures for the "
    "whole world cannot tell what concern did."
)
SAMPLER = (
    "The values of the runs are drawn by an ensemble sampler, for each fit twice, with other "
    "random numbers. Effective: independent draws that all of them are worth, of the worst "
    "setting. R hat: spread of all draws over that within halves of the paths; near 1 where the "
    "paths have forgotten where they began. Distance: of the two medians of a setting, in "
    "standard deviations of its prior, the largest. Misfit: half the sum of squares at the best "
    "point, priors included."
)
RECORD = (
    "Held: share of outcomes inside the range. Width: high end over low end. Error: mean absolute "
    "error of the logarithm; 0.1 is about 10%. No worse than: share of outcomes for which the "
    "model's error is not larger. The rows where the model loses are here too."
)
EVERY_FORECAST = (
    "Million users: each forecast with its range, what came, and two simple methods. In {count} of "
    "{all} the last value known, or a damped trend of the figures known, was nearer than the "
    "model: see the last column."
)
MILLION_HEADS = {"low": "Low (million)", "high": "High (million)"}
PERCENT_HEADS = {"low": "Low (%)", "high": "High (%)"}
FIT_HEADS = {"value": "Median", "low": "Low (80% range)", "high": "High (80% range)"}
# Of columns whose name in data/ is not head enough; the rest are only capitalised.
HEADS = dict(
    head.split(": ")
    for head in (
        "date: Day; url: Link; producer: Source; platform: Messenger; geography: Place; "
        "label: Setting; "
        "value_millions: Users (million); central: Users (million); low80: Low (million); "
        "high80: High (million); basis: How it is known; own_grade: Grade of the figures; "
        "metric: What was counted; population_millions: Population (million); "
        "internet_pct: Online (%); addressable_millions: People online (million); "
        "unfavourable: Unfavourable view of China (0-1); privacy: Worried about data (0-1); "
        "concern: Concern index (0-1); share_pct: Share of people online (%); "
        "china_born: China-born (people); descent_millions: Of Chinese descent (million); "
        "went_abroad: Went abroad (year); causal_strength: Kind of evidence; "
        "leader_2014: Leader in 2014; leader_2014_evidence: Evidence for 2014; "
        "leader_latest: Latest leader; leader_latest_year: Year of the latest; "
        "said: What the article says; place: Where it is used; date_published: Published; "
        "locator: Where in the source; source_id: Name in data/; "
        # of the record and its scores
        "horizon_quarters: Quarters ahead; observed: What came (million); "
        "median: Forecast (million); last: Last value (million); damped: Damped trend (million); "
        "n: Outcomes; coverage: Held by the 80% range (%); width: Width of the range (high / low); "
        "error_model: Error of the model (log); error_last: Error of the last value (log); "
        "error_damped: Error of the damped trend (log); "
        "no_worse_than_last: No worse than the last value (%); "
        "no_worse_than_damped: No worse than the damped trend (%); "
        # of the fits and their sampler
        "informed: Spread after / before; observations: Figures; cost: Misfit; "
        "converged: Search converged; effective: Effective draws; split: R hat; "
        "acceptance: Moves taken (%); seeds_apart: Distance of the two (prior spreads); "
        "known_to: Figures to"
    ).split("; ")
)
KINDS = {"all": "all", "total": "totals outside China", "market": "single markets"}
METHODS = {"median": "model", "last": "last value", "damped": "damped trend"}


def freshness(known: Evidence, by_market: pd.DataFrame) -> str:
    """The newest figure of all, and how old those of WeChat by market are, in two sentences.

    by_market : evidence_tables.fresh_by_market
    """
    figures = known.observed[known.observed.metric == "accounts"].sort_values("date")
    newest = month_text(day_years(figures.date.tail(1)).item())
    dates = by_market.set_index("Market").WeChat.dropna().sort_values()
    recent = (dates >= "2022").sum()
    last = month_text(day_years(dates.tail(1)).item())
    return (
        f"The company's newest figure is of {newest}, but counts WeChat's accounts in China too. "
        f"**By market, WeChat has a figure of 2022 or later in {recent} of {len(by_market)} "
        f"markets**, an older one in {len(dates) - recent} and none in "
        f"{len(by_market) - len(dates)}; the newest is of {last} ({dates.index[-1]})."
    )


def coverage(known: Evidence) -> str:
    """How many forecasts of the record held what came, in a sentence."""
    table = scores.summary(known.record)
    table = table[table.horizon_quarters == 0].set_index("kind")
    held = {kind: f"{100 * row.coverage:.0f}%" for kind, row in table.iterrows()}
    n = table.n
    return (
        f"**The 80% range held {held['total']} of {n['total']} totals outside China and "
        f"{held['market']} of {n['market']} figures of single markets**, {held['all']} of all. Its "
        "width comes from the errors at the other origins."
    )


def leaders_right(known: Evidence) -> str:
    """The share of markets that the projected messenger led, in a sentence."""
    table = known.record_leaders
    right, before = (100 * (table[name] == table.actual).mean() for name in ("projected", "before"))
    return (
        f"The messenger projected to lead a market did so in **{right:.0f}%** of {len(table)} "
        f"cases; whoever led it at the origin in {before:.0f}%."
    )


def about_the_record(known: Evidence) -> str:
    """How the record was made, and its limits."""
    rows = known.record
    return (
        f"At each of {rows.origin.nunique()} past quarters the page's own model was fitted to what "
        "had been published by then and projected up to "
        f"{rows.horizon_quarters.max()} quarters on; company figures of LINE and KakaoTalk came "
        "later. WeChat abroad has no such figures, so nothing here tests it. The outcomes are few "
        "and not independent."
    )
