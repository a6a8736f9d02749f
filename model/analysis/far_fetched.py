"""How far-fetched the changed settings of a scenario are, against what we hold likely.

d^2 = (z - r)' C^-1 (z - r)      squared Mahalanobis distance of the changed settings
p   = chance that a chi-square number of k degrees of freedom exceeds d^2

z : values on the scales of their priors (log, logit);  k : how many settings they are
m, C : mean and covariance of the kept draws of the case's fit, or of the prior of a setting that
    no fit informs, without correlations
r : the value nearest to z between m and the case's own, so that a step towards the middle is
    nothing unusual, nor a small step away from a case that is far from it itself

Settings that somebody decides have no prior and do not count. A whole is never more plausible than
a part of it: p is the smallest of the most unusual setting alone, the two most unusual, and so on.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc

from model.evidence import load_evidence
from model.scenario.scenario import Scenario, case, cases, changed
from model.scenario.settings import Setting, all_settings, prior, to_scale


def unusual(scenario: Scenario) -> float | None:
    """Chance that something as unusual as the changed settings comes up; None if none counts."""
    fit, start = cases()[scenario.case].fit, case(scenario.case)
    names, middle, covariance = _likely(fit)
    moved = changed(scenario)
    chosen = [place for place, name in enumerate(names) if name in moved]
    if not chosen:
        return None
    own, now = (
        np.array([_position(all_settings()[names[place]], which[names[place]]) for place in chosen])
        for which in (start, scenario)
    )
    centre, spread = middle[chosen], covariance[np.ix_(chosen, chosen)]
    away = now - np.clip(now, np.minimum(centre, own), np.maximum(centre, own))
    order = np.argsort(-(away**2) / np.diag(spread), kind="stable")
    away, spread = away[order], spread[np.ix_(order, order)]
    # by Cholesky's factor the first of them have the distance of their own part of the matrix
    distances = np.cumsum(np.linalg.solve(np.linalg.cholesky(spread), away) ** 2)
    return float(chdtrc(np.arange(1, len(chosen) + 1), distances).min())


def _position(setting: Setting, value: float) -> float:
    """A value on the scale of its prior; an end where that is endless counts a tenth of a step."""
    edge = setting.step / 10
    most = 100 - edge if setting.scale == "logit" else setting.high
    return float(to_scale(setting, min(max(value, edge), most)))


@lru_cache(maxsize=4)
def _likely(fit: str) -> tuple[tuple[str, ...], NDArray, NDArray]:
    """Names of the settings that have a prior, their mean and covariance on the priors' scales."""
    known = load_evidence().draws
    table = known[known.fit == fit].dropna(axis=1)
    counted = [one for one in all_settings().values() if one.scale]
    drawn = [one for one in counted if one.name in table]
    others = [one for one in counted if one.name not in table]
    points = np.array([to_scale(one, table[one.name].to_numpy()) for one in drawn])
    priors = np.array([prior(one) for one in others])
    names = tuple(one.name for one in (*drawn, *others))
    covariance = np.diag(np.append(np.zeros(len(drawn)), priors[:, 1] ** 2))
    covariance[: len(drawn), : len(drawn)] = np.cov(points)
    return names, np.append(points.mean(axis=1), priors[:, 0]), covariance
