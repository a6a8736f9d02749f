"""The form of data/: the columns of each table, and what its cells may hold."""

import math

from model.messengers import PLATFORMS

# table -> its columns; a trailing mark says what a cell must be:
# # number >= 0, % number from 0 to 100, ~ number >= 0 or blank, ! any number, ? text or blank
COLUMNS = {
    "settings": "name label value low~ high~ step~ unit symbol? equation? prior_low~ "
    "prior_high~ scale? drawn group source_id note",
    "cases": "case label origin fit events source_id story",
    "case_settings": "case setting value# source_id note",
    "markets": "market name region bloc leader_2014 leader_2014_evidence leader_latest "
    "leader_latest_year? tile_column# tile_row#",
    "addressable": "market year# population_millions# internet_pct% addressable_millions# status "
    "published source_id",
    "concern": "market year# unfavourable# privacy# concern# status published source_id",
    "incumbents": "market year# share_pct% low~ high~ messenger basis published source_id",
    "migrants": "market year# china_born# published note? source_id",
    "descent": "market year# descent_millions# low# high# published note? source_id",
    "reference_class": "network home_market went_abroad measure value# unit date scope published "
    "source_id note?",
    "concern_effects": "topic market date measure value# unit causal_strength published "
    "source_id note?",
    "constants": "name value# unit source_id note",
    "installed_base": "origin platform market value_millions# low# high# basis note source_id",
    "totals": "origin platform geography value_millions# low# high# basis note source_id",
    "observed": "series platform geography metric date quarter published value# low~ high~ unit "
    "grade source_id note?",
    "dated_events": "date platform markets kind summary switch? source_id",
    "switches": "switch label quarter? platform markets effect size# source_id",
    "story": "step# title case changes? text look source_id",
    "article": "fact said value~ unit? place source_id",
    "fits": "fit setting value# spread# informed#",
    "fit_correlations": "fit setting other correlation!",
    "fit_summary": "fit fingerprint cost# observations# converged validity",
    "backtest": "series method horizon_quarters# n# mase# smape# bias! coverage80# coverage95# "
    "interval_score#",
    "record": "origin platform market horizon_quarters# observed# median# low80# high80# "
    "low80_error# high80_error# last# damped#",
    "record_leaders": "origin market quarter projected before actual",
    "error_spread": "horizon_quarters# spread#",
    "sources": "source_id producer title date_published url grade locator",
}
MARKS = "#%~!?"
MAY_BE_BLANK = "~?"
NUMBERS = {"#": (0, math.inf), "~": (0, math.inf), "%": (0, 100), "!": (-math.inf, math.inf)}
# columns with narrower limits than those of their mark
LIMITS = {
    "switches.size": (0, 1),
    "incumbents.high": (0, 100),
    "descent.descent_millions": (0.001, math.inf),
}
# the columns that tell the rows of a table apart
KEYS = {
    "settings": ["name"],
    "cases": ["case"],
    "case_settings": ["case", "setting"],
    "markets": ["market"],
    "addressable": ["market", "year"],
    "concern": ["market", "year"],
    "incumbents": ["market", "year"],
    "migrants": ["market", "year"],
    "descent": ["market", "year"],
    "reference_class": ["network", "measure", "date", "scope"],
    "concern_effects": ["topic", "market", "date", "measure"],
    "constants": ["name"],
    "installed_base": ["origin", "platform", "market"],
    "totals": ["origin", "platform"],
    "observed": ["series", "date", "metric", "value"],
    "switches": ["switch"],
    "story": ["step"],
    "fits": ["fit", "setting"],
    "fit_correlations": ["fit", "setting", "other"],
    "fit_summary": ["fit"],
    "backtest": ["series", "method", "horizon_quarters"],
    "record": ["origin", "platform", "market", "horizon_quarters"],
    "record_leaders": ["origin", "market"],
    "error_spread": ["horizon_quarters"],
    "sources": ["source_id"],
}

QUARTER = r"\d{4}Q[1-4]"
DATE = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])"
EXAMPLES = {QUARTER: "a quarter such as 2014Q1", DATE: "a date such as 2014-03-31"}
# what the text of some columns must match: one of a few words, a quarter or a date
PLACES = {
    QUARTER: "installed_base.origin observed.quarter switches.quarter record.origin "
    "record_leaders.origin record_leaders.quarter",
    "|".join(PLATFORMS): "installed_base.platform totals.platform record.platform",
    "|".join([*PLATFORMS, "ALL"]): "switches.platform",
    "reported|survey|allocated|judged": "installed_base.basis totals.basis",
    "experiment|natural experiment|before and after|direct question|attitude|survey": (
        "concern_effects.causal_strength"
    ),
    "march-2014|as-it-happened": "cases.fit",
    "Asia|West|Elsewhere": "markets.bloc",
    "log|logit|choice": "settings.scale",
    "yes|no": "settings.drawn",
    "marketing|access|concern|incumbents": "switches.effect",
    "[ABCD]": "sources.grade",
    DATE: " ".join(
        f"{table}.{column}"
        for table, columns in COLUMNS.items()
        for column in columns.split()
        if column in ("date", "published")
    ),
}
PATTERNS = {place: pattern for pattern, places in PLACES.items() for place in places.split()}

MARKET_TABLES = ("addressable", "concern", "incumbents", "migrants", "descent")
# column -> the column that lists its values, other values it may have, what joins several of them
REFERENCES: dict[str, tuple[str, tuple[str, ...], str]] = {
    **{
        f"{table}.market": ("markets.market", (), "")
        for table in (*MARKET_TABLES, "installed_base", "record_leaders")
    },
    "record.market": ("markets.market", ("EX-CHINA",), ""),
    "concern_effects.market": ("markets.market", ("ALL",), ";"),
    "switches.markets": ("markets.market", ("ALL", "ABROAD"), ""),
    "case_settings.case": ("cases.case", (), ""),
    "case_settings.setting": ("settings.name", (), ""),
    "cases.origin": ("installed_base.origin", (), ""),
    "totals.origin": ("installed_base.origin", (), ""),
    "cases.events": ("switches.switch", ("none", "all"), "+"),
    "dated_events.switch": ("switches.switch", (), ""),
    **{
        f"{table}.source_id": ("sources.source_id", (), ";")
        for table, columns in COLUMNS.items()
        if "source_id" in columns.split() and table != "sources"
    },
}

# table, value that must lie in its range, ends of the range
RANGES = (
    ("incumbents", "share_pct", "low", "high"),
    ("descent", "descent_millions", "low", "high"),
    ("installed_base", "value_millions", "low", "high"),
    ("totals", "value_millions", "low", "high"),
    ("observed", "value", "low", "high"),
    ("record", "median", "low80", "high80"),
    ("record", "median", "low80_error", "high80_error"),
)


def column_marks(table: str) -> dict[str, str]:
    """Column -> its mark, "" where it has none, in the order of the file."""
    columns = COLUMNS[table].split()
    return {column.rstrip(MARKS): column[len(column.rstrip(MARKS)) :] for column in columns}


def limits(table: str, column: str, mark: str) -> tuple[float, float]:
    """The least and the largest number that a column may hold."""
    return LIMITS.get(f"{table}.{column}", NUMBERS[mark])
