"""How likely settings are, given the figures of a problem: what is maximised, and what is sampled.

ln density = -1/2 sum ((ln projected - ln observed) / sigma)^2 - 1/2 sum x^2

projected, observed : million users or accounts;  sigma : error of a figure, log units
x : a calibrated setting on its own scale, log or logit, in standard deviations of its prior from
    the prior's centre
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from model.calibration.targets import Problem
from model.scenario.settings import Setting, from_scale, prior, settings_and_parameters, to_scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Density:
    """The density of a problem's settings.

    chosen : the settings, in the order of the axis `setting`
    centre, spread : of their priors, on their scales, (setting,)
    low, high : ends of the sliders, in standard deviations of the prior, (setting,)
    """

    problem: Problem
    chosen: tuple[Setting, ...]
    centre: NDArray
    spread: NDArray
    low: NDArray
    high: NDArray

    @classmethod
    def of(cls, problem: Problem) -> Self:
        """The density of a problem."""
        chosen = tuple(settings_and_parameters()[name] for name in problem.names)
        centre, spread = np.array([prior(setting) for setting in chosen]).T
        ends = np.array([_slider_ends(setting) for setting in chosen])
        low, high = (ends.T - centre) / spread
        return cls(problem=problem, chosen=chosen, centre=centre, spread=spread, low=low, high=high)

    def values(self, points: NDArray) -> dict[str, NDArray]:
        """The settings in their units, name -> (draw,), at points (draw, setting)."""
        scaled = self.centre + self.spread * points
        return {one.name: from_scale(one, scaled[:, i]) for i, one in enumerate(self.chosen)}

    def point(self, values: dict[str, float]) -> NDArray:
        """The point (setting,) of some values; at the prior's centre where there is none."""
        at = [
            (float(to_scale(one, values[one.name])) - c) / s if one.name in values else 0.0
            for one, c, s in zip(self.chosen, self.centre, self.spread, strict=True)
        ]
        return np.array(at)

    def residuals(self, points: NDArray) -> NDArray:
        """Distance of each figure from what the points project, in sigmas, (figure, draw)."""
        figures = self.problem.observed
        target, sigma = (figures[name].to_numpy()[:, None] for name in ("target", "sigma"))
        away = (self.problem.predict(self.values(points)) - target) / sigma
        # of a figure that is only an upper end, what lies below it is no misfit
        return np.where(figures.most.to_numpy()[:, None], np.maximum(away, 0.0), away)

    def log(self, points: NDArray) -> NDArray:
        """Ln of the density, up to a constant, (draw,), at points (draw, setting)."""
        inside = ((points > self.low) & (points < self.high)).all(axis=1)
        found = np.full(len(points), -np.inf)
        if inside.any():
            square = (self.residuals(points[inside]) ** 2).sum(axis=0)
            found[inside] = -(square + (points[inside] ** 2).sum(axis=1)) / 2
        return found


def _slider_ends(setting: Setting) -> NDArray:
    """Both ends of a setting's slider on its own scale, a little inside where they are infinite."""
    tiny = 1e-6 * (setting.high - setting.low)
    high = min(setting.high, 100 - tiny) if setting.scale == "logit" else setting.high
    return to_scale(setting, np.array([max(setting.low, tiny), high]))
