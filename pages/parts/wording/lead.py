"""The sentences of who wins."""

from collections.abc import Mapping

from model.analysis.sensitivity import KNOTS
from model.number_text import three_digits
from model.scenario.scenario import Scenario
from model.scenario.settings import all_settings

GO_THERE = "Go to growth of {growth:.0f}"  # at which the two are level
MAP = "Map of who has more users, over WeChat growth and security concern. {finding}"


def finding(needed: Mapping[str, float], scenario: Scenario) -> str:
    """The growth that WeChat needs at the present concern to pass each rival."""
    concern, most = scenario["concern"], all_settings()["wechat"].high
    needs, rest = [], []
    for rival, growth in needed.items():
        if growth == 0:
            rest.append(f"it is ahead of {rival} at any growth")
        elif growth == float("inf"):
            rest.append(f"no growth up to {most:.0f} is enough to pass {rival}")
        else:
            needs.append(f"**{three_digits(round(growth))}** to pass {rival}")
    parts = [f"WeChat needs growth of {' and '.join(needs)}"] if needs else []
    now = f"(now {three_digits(scenario['wechat'])} per 100 users a year)"
    return f"At concern of {three_digits(concern)}% {'; '.join(parts + rest)} {now}."


def note(rival: str, knots: int) -> str:
    """How to read lines and dots of the map; knots : values of each setting with runs."""
    is_rough = knots < KNOTS[0]
    rough = f"Rough: these settings take long to solve, so {knots} x {knots} places have runs. "
    return (rough if is_rough else "") + (
        f"Dashed: WeChat and {rival} end level. Thin: ahead in that share of runs. Dots: scenarios "
        "at their growth and concern; their other settings may differ."
    )
