"""The requests of one launch in the order in which they ended: their level, and its memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# What is drawn of a launch at most: single requests, or medians of so many runs of them.
MOST_POINTS = 200
# Parts of the measured time with as many requests each, whose medians are its levels.
LEVELS_EACH = 10
# Fewer requests than this in each part, and a median says more of them than of the level.
FEWEST_OF_LEVEL = 5
# Lags of the autocorrelation, in requests.
MOST_LAGS = 50


@dataclass(frozen=True)
class Sequence:
    """Response times of a launch against when the requests ended, in s since it was measured."""

    requests: int
    ended_s: np.ndarray
    response_ms: np.ndarray
    # Where each level begins, where the last one ends, and the levels; empty of too few requests.
    borders_s: np.ndarray
    levels_ms: np.ndarray
    # At lags 1, 2, …; empty where the requests are too few, or all alike.
    autocorrelation: np.ndarray

    @property
    def shift(self) -> float:
        """The highest level over the lowest, 1 of a steady launch; NaN of too few requests."""
        return float(self.levels_ms.max() / self.levels_ms.min()) if self.levels_ms.size else np.nan


def sequence_of(ended_s: np.ndarray, response_ms: np.ndarray) -> Sequence:
    """The sequence of these requests, in whichever order they are given."""
    order = np.argsort(ended_s, kind="stable")
    ended_s, response_ms = ended_s[order], response_ms[order]
    count = len(order)
    borders_s, levels_ms = np.empty(0), np.empty(0)
    if count >= LEVELS_EACH * FEWEST_OF_LEVEL:
        parts = np.array_split(np.arange(count), LEVELS_EACH)
        levels_ms = np.array([np.median(response_ms[part]) for part in parts])
        borders_s = ended_s[[part[0] for part in parts] + [count - 1]]
    points = np.array_split(np.arange(count), min(MOST_POINTS, count)) if count else []
    return Sequence(
        requests=count,
        ended_s=np.array([ended_s[part].mean() for part in points]),
        response_ms=np.array([np.median(response_ms[part]) for part in points]),
        borders_s=borders_s,
        levels_ms=levels_ms,
        autocorrelation=autocorrelation_of(np.log(response_ms), MOST_LAGS),
    )


def autocorrelation_of(values: np.ndarray, lags: int) -> np.ndarray:
    """
    The autocorrelation of `values` at lags 1 to `lags`, by the estimator whose sum is divided by
    the number of values at every lag (Box, Jenkins and Reinsel, Time Series Analysis, 2.1.5).
    Empty where fewer than four times as many values do not carry it, or they are all alike.
    """
    if len(values) < 4 * lags:
        return np.empty(0)
    deviations = values - values.mean()
    # Padded, so that the end does not meet the beginning.
    power = abs(np.fft.rfft(deviations, 2 * len(values))) ** 2
    sums = np.fft.irfft(power)[: lags + 1]
    return sums[1:] / sums[0] if sums[0] > 1e-12 * len(values) else np.empty(0)
