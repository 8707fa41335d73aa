"""Fits of two laws of scaling to throughputs, with intervals over launches.

Amdahl's law says that a share of each task cannot be done in parallel (`serial`):

    X(N) = X(1) · N / (1 + serial · (N − 1))
    https://doi.org/10.1145/1465482.1465560

The Universal Scalability Law adds that workers must agree with each other in pairs (`crosstalk`),
so that throughput has a peak and then falls:

    X(N) = X(1) · N / (1 + serial · (N − 1) + crosstalk · N · (N − 1))
    https://arxiv.org/abs/0808.1431

Both are about N processors. More workers than cores are no more processors, so a fit over all
worker counts describes this machine and its scheduler, and its parameters are no property of the
system; a fit to the counts within the cores is, and foretells what further cores would bring if
nothing else changed.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from enxame_figures.estimates import Estimate, reach

AMDAHL = "Amdahl"
USL = "USL"
PARAMETERS = {AMDAHL: ["serial"], USL: ["serial", "crosstalk"]}
# Enough for a standard error: Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter
# 6.4.
RESAMPLES = 200
# Of the resamples that are asked for, so many must allow a fit before an interval is believed.
FEWEST_RESAMPLES = 0.9


class TooFewWorkerCounts(Exception):
    """There are fewer worker counts than a law has parameters."""


@dataclass(frozen=True)
class Fit:
    """One law, fitted to the launches of one line."""

    law: str
    workers: list[float]
    launches: int
    # `throughput_1_per_s` and the law's own, by name.
    parameters: dict[str, Estimate]
    # Share of the variance of log throughput that the law explains, 0 to 1; NaN where it has as
    # many parameters as there are worker counts, and so explains anything.
    r_squared: float
    # Of the launches about the curve: root of the mean squared deviation, relative.
    deviation: float
    # log X(1) and the law's shares within their physical range, and the measured log X(1); the same
    # of each resample, without that limit.
    _best: np.ndarray = field(repr=False)
    _resampled: np.ndarray = field(repr=False)

    def speed_up(self, workers: np.ndarray) -> np.ndarray:
        """
        The fitted throughput over the measured one of one worker, so that it lies among measured
        speed-ups as the fit lies among throughputs.
        """
        return np.exp(_log_speed_up(workers, self._best))

    def speed_up_band(self, workers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The bounds of the pointwise 95 % interval of `speed_up`; NaN where there is none."""
        if len(self._resampled) == 0:
            return np.full(len(workers), np.nan), np.full(len(workers), np.nan)
        least, most = self._bounds(workers)
        # No law here lets N workers do more than N times the work of one.
        return least, np.minimum(most, self._bounds(np.array([1.0]))[1] * workers)

    def _bounds(self, workers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        with np.errstate(invalid="ignore", divide="ignore"):
            curves = np.array([_log_speed_up(workers, values) for values in self._resampled])
        half = _widened(self.launches) * curves.std(axis=0)
        # Beyond a pole, which a resample may have, nothing is known.
        half = np.where(np.isfinite(half), half, np.inf)
        centre = _log_speed_up(workers, self._best)
        return np.exp(centre - half), np.exp(centre + half)

    @property
    def peak_workers(self) -> float:
        """
        The worker count beyond which the law has throughput fall; infinite where it never does.
        """
        serial = self.parameters["serial"].value
        crosstalk = self.parameters["crosstalk"].value if "crosstalk" in self.parameters else 0.0
        return float(np.sqrt((1 - serial) / crosstalk)) if crosstalk > 0 else np.inf


def log_throughput(
    workers: np.ndarray, log_one: float, serial: float, crosstalk: float = 0.0
) -> np.ndarray:
    """
    The logarithm of X(N) by either law. NaN beyond a pole, which negative parameters may have.
    """
    n = np.asarray(workers, dtype=float)
    return log_one + np.log(n) - np.log(1 + serial * (n - 1) + crosstalk * n * (n - 1))


def _log_speed_up(workers: np.ndarray, fitted: np.ndarray) -> np.ndarray:
    *parameters, measured_one = fitted
    return log_throughput(workers, *parameters) - measured_one


def _measured_one(points: np.ndarray) -> float:
    """The mean log throughput of one worker; NaN where that was not measured."""
    workers, throughput = points
    alone = throughput[workers == 1]
    return float(np.log(alone).mean()) if len(alone) else np.nan


def _points_of(launches: pd.DataFrame) -> np.ndarray:
    """The workers and the throughput of each launch, `2 × launches`."""
    return launches[["workers", "throughput_per_s"]].to_numpy(float).T


def fit_law(law: str, launches: pd.DataFrame, seed: int = 0) -> Fit:
    """
    Fits a law to the throughputs of `launches` (columns `workers`, `launch`, `throughput_per_s`) by
    least squares on their logarithms: a disturbance of 10 % counts the same at any throughput.
    Raises TooFewWorkerCounts.

    Intervals come from a bootstrap over launches: a launch is a block that holds every worker
    count, and is drawn as a whole. Few launches spread less than their parent does, by √((n−1)/n),
    and a normal interval over them is too narrow, so the bootstrap's standard error is scaled by t
    · √(n/(n−1)) (Hesterberg 2015, section 5.3: https://doi.org/10.1080/00031305.2015.1089789).
    Resamples may leave the physical range (no negative shares), or an estimate at its limit would
    seem to be certain; the interval is then cut there.
    """
    counts = sorted(launches["workers"].unique())
    names = PARAMETERS[law]
    if len(counts) < 1 + len(names):
        have = ", ".join(f"{count:g}" for count in counts)
        raise TooFewWorkerCounts(f"{1 + len(names)} worker counts, where there are only {have}")
    points = _points_of(launches)
    best = _least_squares(points, len(names), bounded=True)
    blocks = [_points_of(block) for _, block in launches.groupby("launch")]
    free = _least_squares(points, len(names), bounded=False)
    resampled = _bootstrap(blocks, len(names), seed)
    half = np.full(len(best), np.nan)
    if len(resampled) > 0:
        half = _widened(len(blocks)) * resampled.std(axis=0)[:-1]
    workers, throughput = points
    rest = np.log(throughput) - log_throughput(workers, *best)
    total = np.log(throughput).var() * len(launches)
    judged = len(counts) > 1 + len(names) and total > 0
    return Fit(
        law=law,
        workers=counts,
        launches=len(blocks),
        parameters=_estimates(names, best, free, half),
        r_squared=float(1 - (rest**2).sum() / total) if judged else np.nan,
        deviation=float(np.sqrt((rest**2).mean())),
        _best=np.append(best, _measured_one(points)),
        _resampled=resampled,
    )


def _estimates(
    names: list[str], best: np.ndarray, free: np.ndarray, half: np.ndarray
) -> dict[str, Estimate]:
    one = np.exp([best[0], best[0] - half[0], best[0] + half[0]])
    shares = {
        name: Estimate(
            float(best[i]),
            float(max(0.0, free[i] - half[i])) if np.isfinite(half[i]) else np.nan,
            float(max(best[i], free[i] + half[i])) if np.isfinite(half[i]) else np.nan,
        )
        for i, name in enumerate(names, start=1)
    }
    return {"throughput_1_per_s": Estimate(*map(float, one))} | shares


def _widened(launches: int) -> float:
    return reach(launches) * np.sqrt(launches / (launches - 1))


def _least_squares(points: np.ndarray, shares: int, bounded: bool) -> np.ndarray:
    workers, throughput = points
    start = _linear_start(workers, throughput, shares)
    if not bounded:
        return _curve_fit(workers, throughput, p0=start)
    most = [np.inf] + [1.0] * shares
    least = [-np.inf] + [0.0] * shares
    inside = np.clip(start, np.array(least) + 1e-6, np.array(most) - 1e-6)
    return _curve_fit(workers, throughput, p0=inside, bounds=(least, most))


def _curve_fit(workers: np.ndarray, throughput: np.ndarray, **how: Any) -> np.ndarray:
    # Only here, since it is a fifth of all that is imported, and many runs need no fit.
    from scipy.optimize import OptimizeWarning, curve_fit

    with warnings.catch_warnings(), np.errstate(invalid="ignore", divide="ignore"):
        # A covariance, which few points do not give, and which is not asked for.
        warnings.simplefilter("ignore", OptimizeWarning)
        return curve_fit(log_throughput, workers, np.log(throughput), **how)[0]


def _linear_start(workers: np.ndarray, throughput: np.ndarray, shares: int) -> np.ndarray:
    """
    N / X(N) is linear in the parameters, so that a straight fit of it is close to the answer. Its
    terms are divided by N / X(N), which makes its errors relative too.
    """
    expected = workers / throughput
    terms = [np.ones_like(workers), workers - 1, workers * (workers - 1)][: 1 + shares]
    design = np.stack(terms, axis=1) / expected[:, None]
    found = np.linalg.lstsq(design, np.ones_like(workers), rcond=None)[0]
    if found[0] <= 0:
        return np.array([np.log(np.median(throughput / workers))] + [0.01] * shares)
    return np.array([-np.log(found[0]), *(found[1:] / found[0])])


def _bootstrap(blocks: list[np.ndarray], shares: int, seed: int) -> np.ndarray:
    """Parameters and measured log X(1) of each resample; none where too few can be fitted."""
    nothing = np.empty((0, 2 + shares))
    if len(blocks) < 2:
        return nothing
    random = np.random.default_rng(seed)
    fitted: dict[tuple[int, ...], np.ndarray | None] = {}
    rows = []
    for _ in range(RESAMPLES):
        drawn = tuple(sorted(random.integers(len(blocks), size=len(blocks))))
        # Few launches make few different resamples.
        if drawn not in fitted:
            fitted[drawn] = _fit_resample([blocks[i] for i in drawn], shares)
        if fitted[drawn] is not None:
            rows.append(fitted[drawn])
    return np.array(rows) if len(rows) >= FEWEST_RESAMPLES * RESAMPLES else nothing


def _fit_resample(blocks: list[np.ndarray], shares: int) -> np.ndarray | None:
    """None where what was drawn does not determine a curve."""
    points = np.concatenate(blocks, axis=1)
    if len(np.unique(points[0])) < 1 + shares:
        return None
    try:
        fitted = _least_squares(points, shares, bounded=False)
    except RuntimeError:  # SciPy's, of a fit that does not converge
        return None
    return np.append(fitted, _measured_one(points))
