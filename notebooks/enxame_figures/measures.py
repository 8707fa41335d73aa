"""What each trial came to, from its raw samples."""

from __future__ import annotations

import numpy as np
import pandas as pd

from enxame_figures.axes import AXES, with_lines
from enxame_figures.estimates import quantiles
from enxame_figures.run import Run, read_measured, read_responses, read_samples

# In the order of a request's life; `backlog` is of an open load: waiting for a client that is free.
PHASES = ["backlog", "submit", "queue", "transport", "decode", "compute", "encode", "collect"]
UNEXPLAINED = "unexplained"
RESPONSES = {"median_response_ms": 0.5, "p95_response_ms": 0.95, "p99_response_ms": 0.99}


def measure_responses(run: Run) -> pd.DataFrame:
    """
    A row per valid trial: `throughput_per_s` of the products, and percentiles of the response time in
    ms, NaN where a trial has too few samples to carry one.
    """

    def measure(trial: pd.Series) -> dict[str, float]:
        responses = read_responses(run, trial)
        found = quantiles(responses["response_ms"].to_numpy(), list(RESPONSES.values()))
        per_s = responses["finished"].sum() / trial["results.measured_s"]
        return {"throughput_per_s": per_s, **dict(zip(RESPONSES, found))}

    return _measure(run, measure)


def measure_open(run: Run) -> pd.DataFrame:
    """
    A row per valid trial of an open load: percentiles as of `measure_responses`, `unfinished_share` of
    the requests, and `goodput_per_s`, the products that came back within the measured time, whichever
    arrival asked for them. (A request of an open load belongs to the time in which it was meant to
    begin, so that to count those would be to count arrivals.)
    """

    def measure(trial: pd.Series) -> dict[str, float]:
        responses = read_responses(run, trial)
        found = quantiles(responses["response_ms"].to_numpy(), list(RESPONSES.values()))
        every = read_samples(run, trial, ["start_ms", "response_ms"])
        ok = every[every["outcome"] == "ok"]
        ended_ms = ok["start_ms"] + ok["response_ms"] - 1000 * trial["results.warm_up_s"]
        inside = (ended_ms >= 0) & (ended_ms < 1000 * trial["results.measured_s"])
        return {
            "unfinished_share": 1 - responses["finished"].mean(),
            "goodput_per_s": inside.sum() / trial["results.measured_s"],
            **dict(zip(RESPONSES, found)),
        }

    return _measure(run, measure)


def measure_distributions(run: Run, levels: np.ndarray) -> pd.DataFrame:
    """A row per valid trial, and a column for each level: that quantile of response time, in ms."""

    def measure(trial: pd.Series) -> dict[float, float]:
        response_ms = read_responses(run, trial)["response_ms"].to_numpy()
        return dict(zip(levels, quantiles(response_ms, levels)))

    return _measure(run, measure)


def measure_phases(run: Run) -> pd.DataFrame:
    """
    A row per valid trial: `response_ms`, and the mean of each phase in ms. What no phase explains is
    `unexplained`, negative where phases overlap.
    """

    def measure(trial: pd.Series) -> dict[str, float]:
        columns = ["response_ms", *(f"{phase}_ms" for phase in PHASES)]
        means = read_measured(run, trial, columns).mean()
        phases = {phase: means[f"{phase}_ms"] for phase in PHASES if f"{phase}_ms" in means}
        if not run.is_open:
            phases.pop("backlog", None)
        rest = means["response_ms"] - sum(phases.values())
        return {"response_ms": means["response_ms"], **phases, UNEXPLAINED: rest}

    return _measure(run, measure)


def _measure(run: Run, measure) -> pd.DataFrame:
    """`measure` of each valid trial, beside what tells the trial apart."""
    trials = with_lines(run, run.valid)
    identity = ["line", "system", "launch", *AXES]
    measured = [measure(trial) for _, trial in trials.iterrows()]
    frame = pd.concat([trials[identity].reset_index(drop=True), pd.DataFrame(measured)], axis=1)
    return frame.astype({axis: float for axis in AXES})
