"""The settings that agree with the figures: how likely they are, and draws of them.

ln density = -1/2 sum ((ln projected - ln observed) / sigma)^2 - 1/2 sum x^2

projected, observed : million users or accounts;  sigma : error of a figure, log units
x : a calibrated setting on its own scale, log or logit, in standard deviations of its prior from
    the prior's centre

An ensemble sampler of Goodman and Weare draws from it. Walkers start around the best point, as wide
as the curvature there says, and move along the lines between each other; what they visit, once they
have forgotten where they began, is the posterior. Two ensembles with other random numbers tell
whether they have.

Sources: Goodman & Weare (2010), CAMCoS 5(1):65-80; ter Braak (2006), Stat. Comput. 16:239-249;
Foreman-Mackey et al. (2013), PASP 125:306, the package emcee; Gelman et al. (2013), Bayesian Data
Analysis, section 11.4, for split chains.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from model.calibration.targets import Problem
from model.scenario.settings import Setting, from_scale, prior, settings_and_parameters, to_scale

BEGIN = 0.8  # of the curvature's spread: where the walkers start
STRETCH, CLOSER = 1.5, 0.6  # steps shorter than is best for few settings
WARM_UP = 0.4  # of the steps, left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Density:
    """The density of a problem's settings."""

    problem: Problem
    chosen: tuple[Setting, ...]  # the settings, in the order of the axis `setting`
    centre: NDArray  # of their priors, on their scales, (setting,)
    spread: NDArray
    low: NDArray  # ends of the sliders, in standard deviations of the prior, (setting,)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior:
    """An ensemble of draws."""

    points: NDArray  # (draw, setting), in standard deviations of the priors
    acceptance: float  # share of the proposed moves that were taken, 0-1
    effective: float  # independent draws that they are worth, of the worst setting
    # spread of all draws over that within halves of the walkers' paths, of the worst setting
    # (R hat); near 1 where the walkers have forgotten where they began
    split: float


def sample(
    density: Density, best: NDArray, covariance: NDArray, *, walkers: int, steps: int, seed: int
) -> Posterior:
    """Draw from a density; best, covariance : the best point and the curvature's spread there."""
    import emcee  # only a calibration needs it: `pip install emcee`, or tests/requirements-full

    generator = np.random.default_rng(seed)
    sizes, axes = np.linalg.eigh((covariance + covariance.T) / 2)
    root = axes * np.sqrt(np.clip(sizes, 1e-6, 1.0))  # at the end of a slider the curvature fails
    begin = best + BEGIN * generator.standard_normal((walkers, best.size)) @ root.T
    begin = np.clip(begin, density.low + 1e-6, density.high - 1e-6)
    far = CLOSER * 2.38 / np.sqrt(2 * best.size)
    moves = [
        (emcee.moves.StretchMove(a=STRETCH), 0.4),
        (emcee.moves.DEMove(gamma0=far), 0.5),
        (emcee.moves.DEMove(gamma0=1.0), 0.1),  # from one state to another, where there are two
    ]
    ensemble = emcee.EnsembleSampler(walkers, best.size, density.log, vectorize=True, moves=moves)
    ensemble.random_state = np.random.RandomState(seed).get_state()
    ensemble.run_mcmc(begin, steps)
    paths = ensemble.get_chain(discard=round(WARM_UP * steps))
    times = emcee.autocorr.integrated_time(paths, tol=0)
    return Posterior(
        points=paths.reshape(-1, best.size),
        acceptance=float(ensemble.acceptance_fraction.mean()),
        effective=float(paths.shape[0] * walkers / np.nanmax(times)),
        split=float(split_ratio(paths).max()),
    )


def split_ratio(paths: NDArray) -> NDArray:
    """R hat of split chains (setting,), from paths (step, walker, setting)."""
    half = len(paths) // 2
    chains = np.concatenate([paths[:half], paths[-half:]], axis=1)
    within = chains.var(axis=0, ddof=1).mean(axis=0)
    between = chains.mean(axis=0).var(axis=0, ddof=1)
    return np.sqrt((half - 1) / half + between / within)
