"""Which settings matter: each alone (tornado, curves of the main sliders), two together (map).

A setting moves within its plausible range: the 90% range of its prior, or its slider's range where
it is a choice. Users are WeChat's at the horizon.
"""

from dataclasses import dataclass

import numpy as np
import scipy  # its parts load when they are used: not for the first screen
from numpy.typing import NDArray

from model.analysis.bands import Answer
from model.analysis.batch import runs_of
from model.analysis.effort import AIM
from model.analysis.sampling import LEAST, middle, run_totals, seconds
from model.messengers import PLATFORMS
from model.scenario.scenario import Scenario
from model.scenario.settings import Setting, all_settings

# values of growth and of concern at which the map is worked out: the first that are quick enough
KNOTS = (9, 7, 5)
# values at which the curve of a slider is worked out, more where it bends more
CURVE_KNOTS = {"wechat": 9, "concern": 6, "line": 9, "kakao": 3}
CURVE_RUNS = 16  # with which: 432 runs in all, fewer than the 512 of an answer
CURVE_POINTS = 25  # points of a curve, beside the present one


@dataclass(frozen=True, slots=True)
class Bar:
    """WeChat's users at the horizon with one setting at the ends of its plausible range.

    low, high : the ends, in the setting's unit;  users_low, users_high : million people there
    """

    setting: str
    low: float
    high: float
    users_low: float
    users_high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tornado:
    """Every setting alone, the one that moves most first.

    users : million people with every setting as in the scenario
    """

    users: float
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadMap:
    """Users at the horizon for WeChat growth x security concern.

    growth : % a year, (growth,);  concern : %, (concern,)
    users : million people, (growth, concern, platform)
    margins : ln(WeChat's users / the rival's) of each run, (rival, run, growth, concern)
    knots : values of growth, and of concern, at which runs were made
    """

    growth: NDArray
    concern: NDArray
    users: NDArray
    margins: NDArray
    knots: int = KNOTS[0]


def plausible(setting: Setting) -> tuple[float, float]:
    """Ends of a setting's plausible range: of its prior, or of its slider where it has none."""
    if setting.prior_low is None or setting.prior_high is None:
        return setting.low, setting.high
    return setting.prior_low, setting.prior_high


def tornado(scenario: Scenario) -> Tornado:
    """WeChat's users at the horizon with each setting alone at either end: one batch."""
    moved = [setting for setting in all_settings().values() if setting.group != "horizon"]
    values = {one.name: np.array([*plausible(one), scenario[one.name]]) for one in moved}
    found = runs_of(scenario, {name: {name: x} for name, x in values.items()})
    ends = {name: middle(runs[0]).tolist() for name, runs in found.items()}
    bars = [Bar(name, *x[:2].tolist(), *ends[name][:2]) for name, x in values.items()]
    bars.sort(key=lambda bar: -abs(bar.users_high - bar.users_low))
    return Tornado(users=ends["wechat"][2], bars=tuple(bars))


def lead_map(scenario: Scenario, *, size: int = 21) -> LeadMap:
    """Users at the horizon for `size` values each of WeChat growth and security concern.

    Both go from end to end of their range, rounded to the step of the slider. All runs are worked
    out at some values of each; smooth surfaces of logarithms go through them.
    """
    ranges = [all_settings()[name] for name in ("wechat", "concern")]
    growth, concern = (s.step * np.round(np.linspace(s.low, s.high, size) / s.step) for s in ranges)
    for count in KNOTS:
        knots = [np.linspace(s.low, s.high, count) for s in ranges]
        cells = np.meshgrid(*knots, indexing="ij")
        batch = {s.name: cell.ravel() for s, cell in zip(ranges, cells, strict=True)}
        if seconds(scenario, batch) <= AIM:
            break
    runs = np.maximum(run_totals(scenario, batch), LEAST)
    smooth = scipy.interpolate.PchipInterpolator

    def surfaces(values: NDArray) -> NDArray:
        """`values` (row, point) as (row, growth, concern)."""
        rows = smooth(knots[1], values.reshape(-1, count, count), axis=2)(concern)
        return smooth(knots[0], rows, axis=1)(growth)

    users = np.exp(surfaces(np.log(middle(runs))))
    ratios = np.sort(np.log(runs[:1] / runs[1:]), axis=-1)
    return LeadMap(
        growth=growth,
        concern=concern,
        users=np.moveaxis(users, 0, -1),
        margins=np.stack([surfaces(rival.T) for rival in ratios]),
        knots=count,
    )


def margin(map_: LeadMap, rival: str, share: float | None = None) -> NDArray:
    """ln(WeChat's users / a rival's) (growth, concern), above 0 where WeChat is ahead.

    share : that which this share of the runs (0-1) exceed; of the line without it
    """
    number = PLATFORMS.index(rival)
    if share is not None:
        return np.quantile(map_.margins[number - 1], 1 - share, axis=0, method="hazen")
    users = np.maximum(map_.users, LEAST)
    return np.log(users[..., 0] / users[..., number])


def _first_rise(lead: NDArray, places: NDArray) -> NDArray:
    """Where each column of `lead` (place, column) first turns positive; nan where it never does."""
    starts = (lead[:-1] < 0) & (lead[1:] >= 0)
    i, j = starts.argmax(axis=0), np.arange(lead.shape[1])
    rise = np.where(starts.any(axis=0), lead[i + 1, j] - lead[i, j], np.nan)
    return places[i] - lead[i, j] / rise * (places[i + 1] - places[i])


def contour(map_: LeadMap, rival: str, share: float | None = None) -> NDArray:
    """Where WeChat is level with a rival: points (point, 2) of growth and concern, by concern.

    For each concern of the map the first growth, on a line between cells; up to the map's edges.
    share : see `margin`
    """
    lead = margin(map_, rival, share)
    points = np.column_stack([_first_rise(lead, map_.growth), map_.concern])
    sides = _first_rise(-lead[[0, -1]].T, map_.concern)  # concern ends the lead there
    ends = np.column_stack([map_.growth[[0, -1]], sides])
    points = np.concatenate([points, ends])
    points = points[~np.isnan(points).any(axis=1)]
    return points[np.lexsort((points[:, 0], points[:, 1]))]


def slider_curves(answer: Answer) -> dict[str, NDArray]:
    """WeChat's users at the end over the range of each main slider, (point, 2): value, million.

    From CURVE_RUNS runs at CURVE_KNOTS values, without the highest and the lowest; moved on the
    logarithm so that each curve goes through the answer, and that of concern through the answer
    without concern too; smooth between them. A picture: within a fifth of the curve's height.
    """
    scenario, line = answer.scenario, np.log(np.maximum(answer.total.line[-1, 0], LEAST))
    knots = {
        name: np.linspace(all_settings()[name].low, all_settings()[name].high, count)
        for name, count in CURVE_KNOTS.items()
    }
    some = runs_of(scenario, {name: {name: x} for name, x in knots.items()}, count=CURVE_RUNS)
    now = _without_extremes(answer.runs[-1, 0, :CURVE_RUNS])
    found = {}
    for name, x in knots.items():
        own, logs = scenario[name], _without_extremes(some[name][0])
        moved = logs - now + line
        if name == "concern":
            free = np.log(np.maximum(answer.without_concern[-1, 0], LEAST))
            moved = np.where(x < own, np.interp(logs, [now, logs[0]], [line, free]), moved)
        values, first = np.unique([own, *x], return_index=True)
        curve = scipy.interpolate.PchipInterpolator(values, np.array([line, *moved])[first])
        points = np.unique(np.append(np.linspace(x[0], x[-1], CURVE_POINTS), own))
        found[name] = np.column_stack([points, np.exp(curve(points))])
    return found


def _without_extremes(users: NDArray) -> NDArray:
    """The logarithm of the mean of runs (..., run), an eighth left out at either end, (...)."""
    cut, ordered = users.shape[-1] // 8, np.sort(users.astype(np.float32), axis=-1)
    # single precision as in an answer: where nothing moves a curve it is flat
    return np.log(np.maximum(ordered[..., cut:-cut].mean(axis=-1, dtype=float), LEAST))
