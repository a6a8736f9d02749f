"""Which settings matter: each alone (tornado), two together (map), all at once (Sobol indices).

A setting moves within its plausible range: the 90% range of its prior, or its slider's range where
it is a choice. With Y = ln(WeChat's users at the horizon) and the settings X_i drawn independently
and uniformly from those ranges,

    first order  S_i = Var(E(Y | X_i)) / Var(Y)            what X_i explains alone
    total order  T_i = 1 - Var(E(Y | all but X_i)) / Var(Y)   with all its interactions

Logarithms, because the model multiplies: in millions a few draws past the critical mass would be
nearly all of the variance. Source: Saltelli et al. (2010), Comput. Phys. Commun. 181(2):259-270,
doi:10.1016/j.cpc.2009.09.018, as scipy.stats.sobol_indices has it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from model.analysis.goal_seek import LEVERS, find_lever
from model.analysis.sampling import LEAST, SEED, approximate_lines
from model.engine.projection import DRAWS_AT_ONCE, OUTSIDE, project, total
from model.messengers import PLATFORMS
from model.scenario.scenario import Scenario
from model.scenario.settings import Setting, SettingError, all_settings

KNOTS = 9  # values of growth and of concern at which the map is worked out
NAMES = (*LEVERS, "ceiling_abroad")


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
    leader : number of the platform with most users, (growth, concern)
    """

    growth: NDArray
    concern: NDArray
    users: NDArray
    leader: NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Indices:
    """Shares of the variance, 0-1 but for the error of the estimate.

    first, total : (input,), what an input explains alone, and with its interactions
    interactions : what no input explains alone
    """

    first: NDArray
    total: NDArray
    interactions: float


def plausible(setting: Setting) -> tuple[float, float]:
    """Ends of a setting's plausible range: of its prior, or of its slider where it has none."""
    if setting.prior_low is None or setting.prior_high is None:
        return setting.low, setting.high
    return setting.prior_low, setting.prior_high


def tornado(scenario: Scenario, outside: str = OUTSIDE[0]) -> Tornado:
    """WeChat's users at the horizon with each setting alone at either end: one batch."""
    moved = [s for s in all_settings().values() if s.group not in ("horizon", "calibration")]
    ends = [(setting.name, *plausible(setting)) for setting in moved]
    batch = {name: np.full(1 + 2 * len(moved), scenario[name]) for name, _, _ in ends}
    for i, (name, low, high) in enumerate(ends):
        batch[name][1 + 2 * i : 3 + 2 * i] = low, high
    users, *moves = approximate_lines(scenario, batch, outside)[0].tolist()
    pairs = zip(ends, moves[::2], moves[1::2], strict=True)
    bars = [Bar(*end, at_low, at_high) for end, at_low, at_high in pairs]
    bars.sort(key=lambda bar: -abs(bar.users_high - bar.users_low))
    return Tornado(users=users, bars=tuple(bars))


def lead_map(scenario: Scenario, outside: str = OUTSIDE[0], *, size: int = 21) -> LeadMap:
    """Users at the horizon for `size` values each of WeChat growth and security concern.

    Both go from end to end of their range, rounded to the step of the slider. The line is worked
    out at KNOTS values of each; a smooth surface of its logarithm goes through them.
    """
    ranges = [all_settings()[name] for name in ("wechat", "concern")]
    growth, concern = (s.step * np.round(np.linspace(s.low, s.high, size) / s.step) for s in ranges)
    knots = [np.linspace(s.low, s.high, KNOTS) for s in ranges]
    cells = np.meshgrid(*knots, indexing="ij")
    batch = {setting.name: cell.ravel() for setting, cell in zip(ranges, cells, strict=True)}
    logs = np.log(np.maximum(approximate_lines(scenario, batch, outside), LEAST))
    surface = PchipInterpolator(knots[1], logs.reshape(-1, KNOTS, KNOTS), axis=2)(concern)
    users = np.exp(PchipInterpolator(knots[0], surface, axis=1)(growth))
    users = np.moveaxis(users, 0, -1)
    return LeadMap(growth=growth, concern=concern, users=users, leader=users.argmax(axis=-1))


def rivals_users(map_: LeadMap, rival: str = "") -> NDArray:
    """Million users (growth, concern) of LINE or KakaoTalk, or of the one that has more."""
    if rival:
        return map_.users[..., PLATFORMS.index(rival)]
    return map_.users[..., 1:].max(axis=-1)


def frontier(map_: LeadMap, rival: str = "") -> NDArray:
    """Growth (concern,) from which WeChat leads a rival, or both; nan where it never starts to.

    % a year; on a line between cells in the logarithm of the ratio.
    """
    ratio = np.maximum(map_.users[..., 0], LEAST) / np.maximum(rivals_users(map_, rival), LEAST)
    lead = np.log(ratio)
    starts = (lead[:-1] < 0) & (lead[1:] >= 0)
    i, j = starts.argmax(axis=0), np.arange(map_.concern.size)
    rise = np.where(starts.any(axis=0), lead[i + 1, j] - lead[i, j], np.nan)
    return map_.growth[i] - lead[i, j] / rise * (map_.growth[i + 1] - map_.growth[i])


def sobol(
    scenario: Scenario,
    names: Sequence[str] = NAMES,
    n: int = 512,
    *,
    progress: Callable[[float], object] | None = None,
    rng: np.random.Generator | None = None,
) -> Indices:
    """Indices of the settings `names`, at least two, for WeChat's users at the horizon.

    n : a power of 2; n (names + 2) draws;  progress : called with the share done, 0-1
    rng : the same numbers every time without one
    """
    from scipy.stats import uniform  # takes a second to import: only where indices are asked for

    if len(names) < 2:
        raise SettingError("indices compare settings: name two or more")
    ends = [plausible(find_lever(name)) for name in names]
    dists = [uniform(low, high - low) for low, high in ends]
    done, draws = 0, n * (len(names) + 2)

    def log_users(x: NDArray) -> NDArray:
        nonlocal done
        logs = []
        for first in range(0, x.shape[1], DRAWS_AT_ONCE):
            batch = dict(zip(names, x[:, first : first + DRAWS_AT_ONCE], strict=True))
            users = total(project(scenario, batch, draft=True))[-1, 0]
            logs.append(np.log(np.maximum(users, LEAST)))
            done += users.size
            if progress:
                progress(done / draws)
        return np.concatenate(logs)

    return indices(log_users, dists, n, np.random.default_rng(SEED) if rng is None else rng)


def indices(
    func: Callable[[NDArray], NDArray], dists: Sequence[Any], n: int, rng: np.random.Generator
) -> Indices:
    """Sobol indices of `func`, which takes points (input, point) and gives values (point,).

    dists : a frozen scipy distribution for each of two inputs or more;  n : a power of 2
    """
    from scipy.stats import sobol_indices

    result = sobol_indices(func=func, n=n, dists=list(dists), rng=rng)
    first, total_order = result.first_order, result.total_order
    alone = float(first.sum()) if total_order.any() else 1.0
    return Indices(first=first, total=total_order, interactions=max(1.0 - alone, 0.0))
