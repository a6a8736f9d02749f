"""The page to take away: one HTML file with two sliders, which needs no server and no network.

It holds the model's answers at GROWTH x CONCERN values of two settings; its script (in the template
beside this file) draws a smooth surface through their logarithms. At the stored values, the
scenario's own among them, it shows the model's numbers; between them the line is within 1.5% of the
model, and nearly all ends of ranges within 5%: their scatter between runs allows no better curve.
"""

import base64
import hashlib
import re
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.analysis import sampling
from model.analysis.bands import Answer, answer
from model.analysis.hindsight import AFTER, observed_totals
from model.messengers import PLATFORMS
from model.quarters import month_text
from model.scenario.scenario import Scenario, change, events_between
from model.scenario.settings import all_settings
from pages.parts.downloads import svg
from pages.parts.downloads.paper import TEMPLATES
from pages.parts.downloads.provenance import by_grade, sources_of, statements
from pages.parts.wording import share as words

GROWTH, CONCERN = 10, 8  # stored values of the two settings, one or two more beside the own one
TIMES = 21  # stored quarters at most, the first and the last among them


def page_html(scenario: Scenario, title: str, link: str) -> str:
    """The page as an HTML file.

    title : as typed;  link : complete address of the page with these settings
    """
    found = answer(scenario)
    whole = statements(scenario, found, title, link)
    text = TEMPLATES.get_template("take_away.html.jinja").render(
        whole=whole,
        data=stored(scenario, found),
        light=svg.of_platforms("light"),
        dark=svg.of_platforms("dark"),
        sources=by_grade(sources_of(scenario)),
        events=events_between(scenario, *found.times[[0, -1]]),
        words=words,
        date=date.today().isoformat(),
        is_web=link.startswith(("http://", "https://")),
    )
    script = re.search(r"<script>(.*?)</script>", text, re.S)
    code = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    return text.replace("SCRIPT-HASH", code, 1)


def stored(scenario: Scenario, found: Answer) -> dict[str, Any]:
    """All that the script draws from: answers, observed figures, events and sentences.

    answers : for each growth and concern the line, low and high end of WeChat and the lines of the
        rivals, one quarter after the other, million people;  ahead : shares of the runs
    """
    growth, concern = (all_settings()[name] for name in ("wechat", "concern"))
    stops = {
        "wechat": _stops(growth.prior_low, scenario["wechat"], growth.prior_high, GROWTH),
        "concern": _stops(concern.low, scenario["concern"], concern.high, CONCERN),
    }
    last = len(found.times) - 1
    kept = np.unique(np.linspace(0, last, min(last + 1, TIMES)).round().astype(int))
    answers, ahead = _answers(scenario, found.total.line[0], stops, kept)
    start, end = found.times[[0, -1]].tolist()
    seen = observed_totals()
    seen = seen[seen.year.between(start, end + AFTER)].fillna(0)
    columns = ["platform", "kind", "year", "users", "low", "high"]
    return {
        "settings": [
            {"name": one.name, "label": one.label, "unit": one.unit}
            | {"own": scenario[one.name], "stops": stops[one.name]}
            for one in (growth, concern)
        ],
        "platforms": PLATFORMS,
        "times": found.times[kept].round(2).tolist(),
        "end": month_text(end),
        "answers": answers,
        "ahead": ahead,
        "observed": seen[columns].round(10).to_numpy().tolist(),
        "events": [time for time, _ in events_between(scenario, start, end)],
        "words": words.PAGE,
    }


def _stops(low: float, own: float, high: float, count: int) -> list[float]:
    """About `count` values from `low` to `high`, evenly spaced on either side of the own one."""
    low, high = min(low, own), max(high, own)
    below = round((count - 1) * (own - low) / (high - low))
    below = int(np.clip(below, own > low, count - 1 - (own < high)))
    parts = np.linspace(low, own, below + 1), np.linspace(own, high, count - below)
    return np.unique(np.concatenate(parts).round(3)).tolist()


def _answers(
    scenario: Scenario, start: NDArray, stops: dict[str, list[float]], kept: NDArray
) -> tuple[list, list]:
    """The stored answers and shares, as in `stored`; a batch of runs for each growth."""
    answers, ahead = [], []
    for growth in stops["wechat"]:
        one = change(scenario, {"wechat": growth})
        batch = [runs.total for runs in sampling.runs(one, concerns=tuple(stops["concern"]))]
        answers.append([_numbers(total, start)[kept].ravel().tolist() for total in batch])
        ends = [total[-1] for total in batch]
        ahead.append([(end[:1] > end[1:]).mean(axis=-1).round(4).tolist() for end in ends])
    return answers, ahead


def _numbers(total: NDArray, start: NDArray) -> NDArray:
    """Line, low and high end of WeChat, lines of the rivals (time, 5), four digits each."""
    ordered = np.sort(total, axis=-1)
    line = sampling.middle_of(ordered)
    line[0] = start
    ends = sampling.quantiles_of(ordered[:, 0], *sampling.LEVELS)
    columns = np.column_stack([line[:, 0], *ends, line[:, 1:]])
    return np.vectorize(lambda users: float(f"{users:.4g}"))(np.maximum(columns, 1e-6))
