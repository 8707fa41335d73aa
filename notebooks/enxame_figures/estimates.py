"""Estimates over launches: the launch is the unit, since its samples depend on each other.

The same formulas as the harness's (docs/statistics.md), so that figures and summary agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from scipy.special import stdtrit

CONFIDENCE = 0.95
# As far as rounding may separate values that are equal, relative to them.
ROUNDING = 1e-12
# How many samples must be expected beyond a quantile, so that it does not hang on one.
FEWEST_BEYOND = 10


@dataclass(frozen=True)
class Estimate:
    """A value with the bounds of its 95 % interval, NaN where too little is known for one."""

    value: float
    low: float = np.nan
    high: float = np.nan

    def times(self, factor: float) -> Estimate:
        """In another unit; `factor` is positive."""
        return Estimate(factor * self.value, factor * self.low, factor * self.high)


def estimate_in(told: dict | None) -> Estimate:
    """An estimate of a file of the harness, which leaves out what is not known."""
    known = [(told or {}).get(part) for part in ("value", "low", "high")]
    return Estimate(*(np.nan if value is None else value for value in known))


@cache
def reach(launches: int) -> float:
    """So many standard errors does an interval over `launches` reach either way (Student's t)."""
    return float(stdtrit(launches - 1, (1 + CONFIDENCE) / 2))


def quantiles(values: np.ndarray, levels: Sequence[float]) -> np.ndarray:
    """
    The quantiles of those levels (0 to 1) by definition 8 of Hyndman and Fan, NaN where there are
    too few values to carry one. https://doi.org/10.1080/00031305.1996.10473566
    """
    asked = np.asarray(levels, dtype=float)
    carried = len(values) * np.minimum(asked, 1 - asked) >= FEWEST_BEYOND - 1e-9
    found = np.full(len(asked), np.nan)
    if carried.any():
        found[carried] = np.quantile(values, asked[carried], method="median_unbiased")
    return found


def mean_over_launches(values: Sequence[float]) -> Estimate:
    """
    The arithmetic mean (of none: NaN) and its interval by Student's t: mean ± t · s / √n.
    https://www.itl.nist.gov/div898/handbook/eda/section3/eda352.htm
    """
    array = np.asarray(values, dtype=float)
    if len(array) == 0:
        return Estimate(np.nan)
    return Estimate(*map(float, _means(array)))


def _means(values: np.ndarray) -> np.ndarray:
    """Of `values`, whose first axis is launches, the means, and the bounds of their intervals."""
    launches = len(values)
    means = values.mean(axis=0)
    if launches < 2:
        return np.array([means, means * np.nan, means * np.nan])
    half = reach(launches) * values.std(axis=0, ddof=1) / np.sqrt(launches)
    half = np.where(_agree(values), np.nan, half)
    return np.array([means, means - half, means + half])


def over_launches(values: Sequence[float]) -> Estimate:
    """
    The geometric mean of what is always positive, its interval by Student's t on the logarithms:
    the disturbances of times and rates multiply. NaN when one launch does not carry the measure,
    since to leave that one out would favour the others.
    """
    array = np.asarray(values, dtype=float)
    if len(array) == 0:
        return Estimate(np.nan)
    return Estimate(*map(float, _geometric_means(array)))


def _geometric_means(values: np.ndarray) -> np.ndarray:
    """As `_means`, on the logarithms."""
    with np.errstate(divide="ignore", invalid="ignore"):
        means, *bounds = np.exp(_means(np.log(values)))
        return np.array([means, *(np.where(_agree(values), np.nan, bound) for bound in bounds)])


def _agree(values: np.ndarray) -> np.ndarray:
    """Where launches agree exactly, so that they do not say how much they vary."""
    return np.ptp(values, axis=0) <= ROUNDING * abs(values).max(axis=0)


def paired_logs(before: pd.Series, after: pd.Series) -> np.ndarray:
    """log(after / before) of the blocks that hold both; both are indexed by block."""
    both = before.index.intersection(after.index)
    return np.log(after[both].to_numpy(float) / before[both].to_numpy(float))


def paired_ratio(before: pd.Series, after: pd.Series) -> Estimate:
    """`after` over `before`, paired by block, so that a slow hour is in both and cancels."""
    logs = paired_logs(before, after)
    if len(logs) == 0:
        return Estimate(np.nan)
    return over_launches(np.exp(logs))


def summarise(launches: pd.DataFrame, measures: list) -> dict:
    """`launches`, and of each measure `<measure>`, `<measure>_low`, `<measure>_high`."""
    row: dict[str, float] = {"launches": len(launches)}
    # All at once, since distributions have hundreds.
    estimates = _geometric_means(launches[measures].to_numpy(float)).T.tolist()
    for measure, (value, low, high) in zip(measures, estimates):
        row |= columns_of(measure, Estimate(value, low, high))
    return row


def columns_of(measure: str, estimate: Estimate) -> dict[str, float]:
    """The three columns in which tables hold an estimate."""
    low, high = estimate.low, estimate.high
    return {measure: estimate.value, f"{measure}_low": low, f"{measure}_high": high}
