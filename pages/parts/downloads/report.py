"""The report: an HTML file for paper that loads nothing and runs nothing.

Every text is escaped, and the policy in its head keeps a browser from running a script even so.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Any

from model.analysis.bands import Answer
from model.evidence.reader import load_evidence
from model.evidence.version import data_version
from model.messengers import PLATFORMS
from model.number_text import three_digits
from model.quarters import quarter_name
from model.scenario.scenario import Scenario, cases
from pages.parts import wording
from pages.parts.charts import market_data
from pages.parts.downloads import poster, provenance
from pages.parts.downloads.render import ROOT

TOP = 8  # markets in the table
LONG = 8  # changed settings that one column shows
MOST_BESIDE = 3  # columns of them
STYLE = """
@page { size: A4; margin: 9mm 13mm; }
* { box-sizing: border-box; }
body { font: 14px/1.4 Arial, "Liberation Sans", Helvetica, sans-serif; color: #1F2430;
  background: white; max-width: 50em; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.3em; margin: 0 0 .4em; overflow-wrap: anywhere; }
h2 { font-size: 1.05em; margin: .85em 0 .25em; break-after: avoid; }
p { margin: .35em 0; }
.kicker, .note, footer { color: #555B6B; font-size: .86em; overflow-wrap: anywhere; }
.answer { font-size: 1.2em; line-height: 1.3; }
figure { margin: .7em 0; break-inside: avoid; }
svg { display: block; width: 100%; height: auto; }
table { border-collapse: collapse; width: 100%; break-inside: avoid;
  font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .14em .7em .14em 0; border-bottom: 1px solid #E4E6EB;
  vertical-align: top; }
th { color: #555B6B; font-weight: normal; }
.numbers { table-layout: fixed; }
.numbers :first-child { width: 22%; }
.numbers :is(th, td):not(:first-child) { text-align: right; padding: .14em 0 .14em .7em; }
.named :first-child { width: 17%; }
.named :last-child { width: 26%; white-space: nowrap; }
.named th:last-child { white-space: normal; }
.beside { display: flex; gap: 2em; align-items: start; }
.beside table { break-inside: auto; }
tr { break-inside: avoid; }
.beside table + table, .beside table:has(+ table) { font-size: .76em; line-height: 1.15; }
.three { gap: 1em; }
.three table, .three table + table, .three table:has(+ table) { font-size: .66em; }
.three :is(th, td) { padding: .05em .5em .05em 0; }
.three :is(th, td):first-child { width: 40%; }
ul { margin: .3em 0; padding-left: 1.2em; font-size: .93em; line-height: 1.3; }
ol { columns: 3; column-gap: 1.6em; margin: .3em 0; padding: 0; list-style: none;
  font-size: .66em; line-height: 1.18; overflow-wrap: anywhere; }
ol li { break-inside: avoid; margin-bottom: .1em; }
a { color: #07704A; text-decoration: none; }
footer { border-top: 1px solid #E4E6EB; margin-top: .7em; padding-top: .4em; }
@media print { body { font-size: 8.8pt; max-width: none; margin: 0; padding: 0; } }
@media screen and (max-width: 600px) { ol { columns: 1; } .beside { display: block; }
  .named { font-size: .68em; } .named :is(th, td):not(:first-child) { padding-left: .4em; }
  .named :last-child { white-space: normal; } }
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
LIMITS = "## What this cannot tell you"  # its heading on the method page


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a report is about.

    title : as typed, without control characters;  link : complete address;  page : short address
    """

    scenario: Scenario
    answer: Answer
    outside: str
    band: str
    title: str
    link: str
    page: str


def html(facts: Facts, chart: str) -> str:
    """The report as a file; `chart` is markup of our own."""
    name = escape(facts.title or provenance.WHAT)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width">
<title>{name}</title>
<style>{STYLE}</style>
</head>
<body>
{_answer(facts, name)}
<figure>{chart}<figcaption class="note">{escape(poster.legend(facts.band))}</figcaption></figure>
{_users(facts)}
{_markets(facts)}
{_settings(facts.scenario)}
<h2>What this cannot tell you</h2>
<ul>{"".join(f"<li>{_marked(line)}</li>" for line in limits())}</ul>
{_sources(facts)}
{_foot(facts)}
</body>
</html>
"""


def limits() -> list[str]:
    """What the method page says that this cannot tell: the head and first sentence of each."""
    text = (ROOT / "pages" / "method.md").read_text(encoding="utf-8").split(LIMITS)[1]
    return re.findall(r"^- (\*\*.+?\*\*[^.]*\.)", text, flags=re.M)


def _marked(text: str) -> str:
    """`text` escaped, with **these** marks as bold letters."""
    return re.sub(r"\*\*(.+?)\*\*", r"<strong>\1</strong>", escape(text))


def _answer(facts: Facts, name: str) -> str:
    """Title, answer, cost of concern, hindsight and the limit that is always in view."""
    answer, band = facts.answer, facts.band
    kicker = f'<p class="kicker">{provenance.WHAT}</p>' if facts.title else ""
    lines = [
        wording.cost(answer, facts.scenario),
        wording.in_hindsight(answer, facts.outside),
        provenance.caution(band),
    ]
    said = "\n".join(f"<p>{_marked(line)}</p>" for line in lines if line)
    sentence = _marked(wording.sentence(answer, facts.outside, band))
    return f'{kicker}\n<h1>{name}</h1>\n<p class="answer">{sentence}</p>\n{said}'


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], kind: str = "") -> str:
    """A table of texts."""
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    cells = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows)
    body = "\n".join(f"<tr>{row}</tr>" for row in cells)
    return f'<table class="{kind}">\n<tr>{top}</tr>\n{body}\n</table>'


def _users(facts: Facts) -> str:
    """Users of each platform at the start and at the end, with the chosen band."""
    answer = facts.answer
    low, high = wording.band_ends(answer, facts.band)
    start, end = (quarter_name(answer.times[i]) for i in (0, -1))
    head = ["", f"Start, {start}", "80% band", f"End, {end}", "80% band", "If nobody worried"]
    columns = [answer.path[0], (low[0], high[0]), answer.path[-1], (low[-1], high[-1])]
    rows = [
        [name, *(_figure(column, k) for column in (*columns, answer.without_concern[-1]))]
        for k, name in enumerate(PLATFORMS)
    ]
    title = f"Million users {wording.PLACE[facts.outside]}, {wording.BAND[facts.band]}"
    return f"<h2>{title}</h2>\n{_table(head, rows, 'numbers')}"


def _figure(column: Any, k: int) -> str:
    """Million users of platform `k`, or two ends of a range of them."""
    if isinstance(column, tuple):
        return " to ".join(three_digits(end[k]) for end in column)
    return three_digits(column[k])


def _settings(scenario: Scenario) -> str:
    """What was changed from the case, or that nothing was."""
    case = cases()[scenario.case]
    made = provenance.changes(scenario)
    head = ["Setting", "In the case", "Here"]
    beside = min(-(-len(made) // LONG), MOST_BESIDE)
    length = -(-len(made) // max(beside, 1))
    tables = [_table(head, made[at : at + length]) for at in range(0, len(made), length or 1)]
    return "\n".join(
        [
            f"<h2>Settings: the case {escape(case.label)}{', changed' if made else ''}</h2>",
            f"<p>The case: {escape(case.story)} {escape(provenance.on_the_way(scenario))}</p>",
            f'<div class="beside{" three" * (len(tables) == 3)}">{"".join(tables)}</div>'
            if made
            else "<p>Settings as in the case.</p>",
        ]
    )


def _markets(facts: Facts) -> str:
    """The markets with most WeChat users at the end."""
    frame = market_data.table(facts.answer).head(TOP)
    head = ["Market", "WeChat", "WeChat, % online", "LINE", "KakaoTalk", "Lost to concern"]
    head.append("Strongest established, % online")
    columns = ["WeChat", "Share", "LINE", "KakaoTalk", "Lost"]
    rows = [
        [
            row["Market"],
            *map(three_digits, row[columns]),
            f"{row['Established']}, {row['EstablishedShare']:.0f}%",
        ]
        for _, row in frame.iterrows()
    ]
    end = quarter_name(facts.answer.times[-1])
    title = f"<h2>Most WeChat users: {TOP} markets, {end}, million users</h2>"
    note = (
        '<p class="note">Single markets are less sure than totals. Established messengers: a '
        "survey share, given from outside the model.</p>"
    )
    return f"{title}\n{_table(head, rows, 'numbers named')}\n{note}"


def _sources(facts: Facts) -> str:
    """The sources of projection and dots: producer, title with its address, and grade."""
    known = load_evidence().sources.set_index("source_id")
    used = {*provenance.used(facts.scenario), *provenance.seen(facts.answer, facts.outside)}
    rows = [row for row in known.itertuples() if row.Index in used]
    items = "\n".join(f"<li>{_source(row)}</li>" for row in rows)
    grades = (
        "A company filing, official statistics or refereed paper; B company figure in the press; "
        "C third-party estimate or survey; D assumption or our own reading."
    )
    note = f'<p class="note">Grades: {grades}</p>'
    return f"<h2>Sources ({len(rows)})</h2>\n{note}\n<ol>{items}</ol>"


def _source(row: tuple) -> str:
    """One source as markup."""
    title = escape(row.title)
    if re.match("https?://", row.url):
        title = f'<a href="{escape(row.url)}">{title}</a>'
    if row.title.startswith(row.producer):
        return f"{title} ({row.grade})"  # the title says who made it
    return f"{escape(row.producer)}: {title} ({row.grade})"


def _foot(facts: Facts) -> str:
    """Vintage, address and date."""
    page = escape(provenance.shown(facts.page))
    if re.match("https?://", facts.link):
        page = f'<a href="{escape(facts.link)}">{page}</a>'
    made = date.today().isoformat()
    said = f"Made on {made} with data of {data_version()}. The page with these settings: {page}"
    return f"<footer>{said}</footer>"
