"""The settings that agree with the figures, drawn: an ensemble sampler of Goodman and Weare.

Walkers start around the best point, as wide as the curvature there says, and move along the lines
between each other; what they visit, once they have forgotten where they began, is the posterior.
Two ensembles with other random numbers tell whether they have.

Sources: Goodman & Weare (2010), CAMCoS 5(1):65-80; ter Braak (2006), Stat. Comput. 16:239-249;
Foreman-Mackey et al. (2013), PASP 125:306, the package emcee; Gelman et al. (2013), Bayesian Data
Analysis, section 11.4, for split chains.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.calibration.density import Density

BEGIN = 0.8  # of the curvature's spread: where the walkers start
STRETCH, CLOSER = 1.5, 0.6  # steps shorter than is best for few settings
WARM_UP = 0.4  # of the steps, left out


@dataclass(frozen=True, slots=True, kw_only=True)
class Posterior:
    """Points of one ensemble (draw, setting), in standard deviations of the priors.

    acceptance : share of the proposed moves that were taken, 0-1
    effective : independent draws that they are worth, of the worst setting
    split : spread of all draws over that within halves of the walkers' paths, of the worst setting
        (R hat); near 1 where the walkers have forgotten where they began
    """

    points: NDArray
    acceptance: float
    effective: float
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
