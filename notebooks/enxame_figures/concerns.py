"""What a reader should know before believing a run, from its files."""

from __future__ import annotations

import pandas as pd

from enxame_figures.run import Run

# Steal above this moves results by more than they usually differ.
MOST_STEAL = 0.01
# Per core. A machine at rest is well below it.
MOST_LOAD_AVERAGE = 0.25
FEWEST_SAMPLES_FOR_P95 = 200
# Of its service time: what a worker holds for longer, it computed, or had to wait for a core.
LONGEST_HOLD = 1.1


def concerns_of(run: Run) -> list[str]:
    """Each a sentence with its figure; none where there is nothing to worry about."""
    found = [_status(run), *_machine(run), _launches(run)]
    if not run.trials.empty and run.trials["valid"].any():
        found += [_unsteady(run.valid), _steal(run.valid), _samples(run.valid), _endings(run.valid)]
        found += [_attached(run.valid), _flags(run.valid), _held(run.valid)]
    return [concern for concern in found if concern]


def _status(run: Run) -> str:
    status = run.manifest["status"]
    if status == "complete":
        return ""
    done, planned = len(run.trials), len(run.manifest["plan"])
    return f"The run is not complete ({status}): {done} trials ran of {planned} that were planned."


def _machine(run: Run) -> list[str]:
    environment, found = run.environment, []
    load, cores = environment["load_average"], run.cores
    if load > MOST_LOAD_AVERAGE * cores:
        found.append(f"The load average was {load:.1f} on {cores} cores before the run began.")
    governor = environment["governor"]
    if governor not in (None, "performance"):
        found.append(f"The CPU governor was ‘{governor}’, so clock rates followed the load.")
    if environment["turbo"] is not False:
        state = "on" if environment["turbo"] else "not told by this machine"
        found.append(f"Turbo was {state}: few busy cores may have run faster than many.")
    if environment["git"]["commit"] is None:
        found.append("Which commit was measured is not known.")
    if environment["git"]["dirty"]:
        found.append("The checkout held changes that no commit has.")
    return found


def _launches(run: Run) -> str:
    if run.experiment["repetition"]["launches"] > 1:
        return ""
    return "With one launch of each cell there are no intervals, so small differences mean nothing."


def _unsteady(trials: pd.DataFrame) -> str:
    unsteady = trials[~trials["results.steady"].astype(bool)]
    if unsteady.empty:
        return ""
    return f"The warm-up of {_list(unsteady['trial'])} ended before response times were steady."


def _steal(trials: pd.DataFrame) -> str:
    stolen = trials[trials["results.machine_steal_share"] > MOST_STEAL]
    if stolen.empty:
        return ""
    worst = stolen["results.machine_steal_share"].max()
    return (
        f"Other guests of this machine's host took up to {worst:.1%} of the processor time "
        f"in {len(stolen)} of {len(trials)} valid trials."
    )


def _samples(trials: pd.DataFrame) -> str:
    few = trials[trials["results.samples"] < FEWEST_SAMPLES_FOR_P95]
    if few.empty:
        return ""
    cells = _list(few["cell"].drop_duplicates())
    return f"No p95 is given of {cells}: a launch has fewer than {FEWEST_SAMPLES_FOR_P95} samples."


def _endings(trials: pd.DataFrame) -> str:
    columns = [column for column in trials if column.startswith("endings.")]
    bad = [
        f"{column.removeprefix('endings.')} of {trial['trial']} with {trial[column]}"
        for _, trial in trials.iterrows()
        for column in columns
        if pd.notna(trial[column]) and trial[column] != 0
    ]
    return f"Programs did not end well: {_list(bad)}." if bad else ""


def _attached(trials: pd.DataFrame) -> str:
    if not trials["attached"].any():
        return ""
    return "Playwright was attached to worker pages, which slows each of their requests."


def _flags(trials: pd.DataFrame) -> str:
    flags = sorted(set(trials["browser_flags"]) - {"none"})
    if not flags:
        return ""
    return f"Browsers ran with non-default flags: {_list(flags)}."


def _held(trials: pd.DataFrame) -> str:
    held_ms = trials["results.mean_phases_ms.compute"]
    over = trials[(trials["service_ms"] > 0) & (held_ms > LONGEST_HOLD * trials["service_ms"])]
    if over.empty:
        return ""
    return (
        f"Workers of {_list(over['cell'].drop_duplicates())} held tasks for more than "
        f"{LONGEST_HOLD} times their service time, so they competed for cores (time-slicing)."
    )


def _list(names) -> str:
    names = list(names)
    shown = ", ".join(names[:4])
    return f"{shown} and {len(names) - 4} more" if len(names) > 4 else shown
