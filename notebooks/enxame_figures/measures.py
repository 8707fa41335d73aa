"""What each trial came to, from its raw samples; its throughput, from its row."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from enxame_figures.axes import conditions_of, counted, is_relayed, with_lines
from enxame_figures.processes import CORES, in_processes
from enxame_figures.run import Run, samples_of
from enxame_figures.samples import (
    LEVELS,
    OF_OPEN_LOADS,
    RESPONSES,
    UNACCOUNTED,
    Reduced,
    reduce_samples,
)


def measure_responses(run: Run) -> pd.DataFrame:
    """
    A row per valid trial: `throughput_per_s` of the products, NaN of a jittered load, and
    percentiles of the response time in ms, NaN where a trial has too few samples to carry one.
    """

    def measure(trial: pd.Series, samples: Reduced) -> dict[str, float]:
        return {"throughput_per_s": _throughput(trial)} | _percentiles(samples)

    return _measure(run, measure)


def measure_open(run: Run) -> pd.DataFrame:
    """
    A row per valid trial of an open load: percentiles as of `measure_responses`, `unfinished_share`
    of the requests, and `goodput_per_s`, the products that came back within the measured time,
    whichever arrival asked for them. (A request of an open load belongs to the time in which it was
    meant to begin, so that to count those would be to count arrivals.)
    """

    def measure(trial: pd.Series, samples: Reduced) -> dict[str, float]:
        return {
            "unfinished_share": samples.unfinished / (samples.finished + samples.unfinished),
            "goodput_per_s": _throughput(trial),
        } | _percentiles(samples)

    return _measure(run, measure)


def measure_medians(run: Run) -> pd.DataFrame:
    """
    A row per valid trial: `median_response_ms` of however few requests, for figures of systems that
    answer few of them in any bearable time: what is not known then, launches differ by.
    """
    return _measure(run, lambda _, samples: {"median_response_ms": samples.median_ms})


def measure_distributions(run: Run) -> pd.DataFrame:
    """
    A row per valid trial, and a column for each of LEVELS: that quantile of response time, ms.
    """
    return _measure(run, lambda _, samples: dict(zip(LEVELS, samples.quantiles_ms)))


def measure_sequences(run: Run) -> pd.DataFrame:
    """
    A row per valid trial: the `sequence` of its requests, and `warned_at_s`: where the harness
    found a change of level that it warns of, in s of the measured time; NaN where it did not.
    """
    warned = {
        trial
        for warning in run.warnings or []
        if warning["kind"] == "level-shift"
        for trial in warning["of"]
    }

    def measure(trial: pd.Series, samples: Reduced) -> dict[str, Any]:
        at_s = trial["results.level_shift.at_s"] if trial["trial"] in warned else np.nan
        return {"sequence": samples.sequence, "warned_at_s": at_s}

    return _measure(run, measure)


def measure_phases(run: Run) -> pd.DataFrame:
    """
    A row per valid trial: `response_ms`, and the mean of each phase in ms. What no phase explains
    is `unaccounted`, negative where phases overlap; `unaccounted_median` and `unaccounted_p99` are
    of its size's share of the response time. `clock_error_ms` is by how much dispatch may really be
    longer, and return shorter, or the other way round, and `relayed` whether that holds for submit
    and collect, too, because the task passes through another process on its way to the worker.
    """

    def measure(trial: pd.Series, samples: Reduced) -> dict[str, Any]:
        phases = {
            phase: ms
            for phase, ms in samples.phases_ms.items()
            if run.is_open or phase not in OF_OPEN_LOADS
        }
        rest = samples.response_ms - sum(phases.values())
        median, p99 = samples.unaccounted_shares
        unaccounted = {UNACCOUNTED: rest, "unaccounted_median": median, "unaccounted_p99": p99}
        error = {"clock_error_ms": samples.clock_error_ms, "relayed": is_relayed(trial)}
        return {"response_ms": samples.response_ms, **phases, **unaccounted, **error}

    return _measure(run, measure)


def _throughput(trial: pd.Series) -> float:
    """As docs/statistics.md counts it, 1/s; NaN of a jittered load, which has none."""
    per_s = trial["results.throughput_per_s"]
    return float("nan") if per_s is None else float(per_s)


def _percentiles(samples: Reduced) -> dict[str, float]:
    return {name: samples.quantile_ms(level) for name, level in RESPONSES.items()}


def read_all_samples(run: Run) -> None:
    """Reads the samples of every valid trial, on all cores."""
    trials = [trial for _, trial in run.valid.iterrows()]
    shares = [trials[core::CORES] for core in range(CORES)]
    for read in in_processes([partial(_read, run, share) for share in shares if share]):
        run.reduced.update(read)


def _read(run: Run, trials: list[pd.Series]) -> dict[str, Reduced]:
    return {
        trial["trial"]: reduce_samples(*samples_of(run, trial), trial["results.warm_up_s"])
        for trial in trials
    }


def _measure(run: Run, measure: Callable[[pd.Series, Reduced], dict]) -> pd.DataFrame:
    """`measure` of each valid trial, beside what tells the trial apart."""
    trials = with_lines(run, run.valid)
    # Once for all figures, since that is most of the work.
    if not run.reduced:
        run.reduced.update(_read(run, [trial for _, trial in trials.iterrows()]))
    measured = [measure(trial, run.reduced[trial["trial"]]) for _, trial in trials.iterrows()]
    identity = trials[["line", "system", "launch", "at_once", *conditions_of(run)]].reset_index(
        drop=True
    )
    frame = pd.concat([identity, pd.DataFrame(measured)], axis=1)
    return frame.astype(dict.fromkeys(counted(run), float))
