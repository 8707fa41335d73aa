"""The raw samples of a trial, read and reduced to what figures need of them."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from enxame_figures.estimates import quantiles
from enxame_figures.sequences import Sequence, sequence_of

ROWS_AT_A_TIME = 500_000
# In the order of a request's life. The first two are of an open load: how late the load generator
# set off though a client was free, and waiting for one that is.
OF_OPEN_LOADS = ["lateness", "backlog"]
PHASES = [*OF_OPEN_LOADS, "submit", "queue", "dispatch"]
PHASES += ["decode", "compute", "encode", "return", "collect"]
# What no phase explains: the response time less all of them.
UNACCOUNTED = "unaccounted"
RESPONSES = {"median_response_ms": 0.5, "p95_response_ms": 0.95, "p99_response_ms": 0.99}
# Of distributions: dense at the top, where they differ; far tails end where the samples do.
LEVELS = np.unique(
    np.concatenate(
        [
            [0.05, 0.25, 0.75, 0.999],
            [*RESPONSES.values()],
            np.linspace(0.002, 0.99, 150),
            1 - np.logspace(-2, -4, 21),
        ]
    ).round(6)
)


@dataclass(frozen=True)
class Reduced:
    """The samples of a trial, as far as figures need them; times in ms."""

    # Of measured requests: those that ended well, and those that an open load gave up.
    finished: int
    unfinished: int
    # Of the measured requests at LEVELS. What was given up counts with the time for which it was
    # waited: to leave it out would flatter a system that was overrun.
    quantiles_ms: np.ndarray
    # Of the same requests, however few they are.
    median_ms: float
    # Means over the measured requests that ended well.
    response_ms: float
    phases_ms: dict[str, float]
    # Median and 99th percentile (of few samples: the largest) of |unaccounted| / response time.
    unaccounted_shares: tuple[float, float]
    # The mean, which bounds the error of a mean phase; NaN where no request ended well.
    clock_error_ms: float
    # Of the measured requests that ended well.
    sequence: Sequence

    def quantile_ms(self, level: float) -> float:
        return float(self.quantiles_ms[np.flatnonzero(np.isclose(LEVELS, level))[0]])


def reduce_samples(path: Path, sha256: str, warm_up_s: float) -> Reduced:
    """Reads a trial's samples, whose measured time begins `warm_up_s` after the load."""
    phases = [f"{phase}_ms" for phase in PHASES]
    columns = ["stage", "outcome", "start_ms", "response_ms", *phases, "clock_error_ms"]
    finished = 0
    sums = np.zeros(1 + len(phases))
    times: list[np.ndarray] = []
    ends: list[np.ndarray] = []
    well: list[np.ndarray] = []
    unaccounted, errors = [], []
    for samples in read_samples(path, sha256, columns):
        # As arrays: trials are small, and pandas takes longer to begin a sum than to make it.
        of = {name: samples[name].to_numpy() for name in columns if name.endswith("_ms")}
        # The column of the backlog holds both.
        of["backlog_ms"] = of["backlog_ms"] - of["lateness_ms"]
        measured = (samples["stage"] == "measured").to_numpy()
        ok = (samples["outcome"] == "ok").to_numpy()
        given_up = (samples["outcome"] == "unfinished").to_numpy()
        response_ms = of["response_ms"]
        times.append(response_ms[measured & (ok | given_up)])
        good = measured & ok
        finished += int(good.sum())
        ends.append((of["start_ms"] + response_ms)[good])
        well.append(response_ms[good])
        parts_ms = np.array([of[name][good] for name in ["response_ms", *phases]])
        rest_ms = parts_ms[0] - parts_ms[1:].sum(axis=0)
        unaccounted.append(abs(rest_ms) / parts_ms[0])
        known = of["clock_error_ms"][good]
        errors.append(known[~np.isnan(known)])
        sums += parts_ms.sum(axis=1)
    response_ms = np.concatenate(times)
    means = sums / finished if finished else sums * np.nan
    return Reduced(
        finished=finished,
        unfinished=len(response_ms) - finished,
        quantiles_ms=quantiles(response_ms, LEVELS),
        median_ms=_quantile([response_ms], 0.5),
        response_ms=float(means[0]),
        phases_ms={phase: float(mean) for phase, mean in zip(PHASES, means[1:])},
        unaccounted_shares=(_quantile(unaccounted, 0.5), _quantile(unaccounted, 0.99)),
        clock_error_ms=float(np.concatenate(errors).mean()) if sum(map(len, errors)) else np.nan,
        sequence=sequence_of(np.concatenate(ends) / 1000 - warm_up_s, np.concatenate(well)),
    )


def _quantile(parts: list[np.ndarray], level: float) -> float:
    values = np.concatenate(parts) if parts else np.empty(0)
    return float(np.quantile(values, level, method="median_unbiased")) if values.size else np.nan


def read_samples(path: Path, sha256: str, columns: list[str]) -> Iterator[pd.DataFrame]:
    """
    Those columns of a file of samples, some rows at a time: a trial may have more than memory
    holds. Raises ValueError when the file is no longer the one of that hash, or lacks a column.
    """
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise ValueError(f"{path.name}: SHA-256 is {found}; expected {sha256}")
    words = {"stage": "category", "outcome": "category"}
    with gzip.open(path) as file:
        yield from pd.read_csv(file, usecols=columns, dtype=words, chunksize=ROWS_AT_A_TIME)
