"""What faults do to the throughput and the queue of each system, in time."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from enxame_figures import style
from enxame_figures.axes import NotForThisRun, conditions_of, in_words, lines_of, with_lines
from enxame_figures.in_time import products_per_s, waiting_shares
from enxame_figures.output.drawing import Drawing
from enxame_figures.output.tables import Table
from enxame_figures.run import Run

NONE = "none"
STEP_S = 0.25
# Sums over launches.
COUNTS = ["accepted", "completed", "failed", "lost", "wrong", "duplicated", "refused"]
# The longest of all launches.
TIMES = {"recovered_s": "recovered (s)", "held_s": "held (s)"}
REPEATED = "repeated"
HEADINGS = {"launches": "launches", **{name: name for name in COUNTS}, REPEATED: REPEATED, **TIMES}
ROW_IN = 0.98
FAULT, RECOVERY, AWAY, QUEUE = "#D55E00", "#009E73", "#CC79A7", "#E69F00"


def draw_faults(run: Run) -> Drawing:
    """
    A panel per plan and system: throughput in time over what it was before the first fault, and the
    share of requests that wait in the queue.
    """
    trials = faulty_trials(run)
    shown, told = _one_condition(run, trials)
    plans = [plan for plan in run.experiment["axes"]["faults"] if plan in set(shown["faults"])]
    lines = lines_of(shown)
    height = len(plans) * ROW_IN + 0.9
    figure = Figure(figsize=(style.PAGE_IN, height), layout="constrained")
    grid = figure.subplots(len(plans), len(lines), squeeze=False)
    named: set[str] = set()
    for column, line in zip(grid.T, lines):
        of_line = shown[shown["line"] == line]
        taken = [plan for plan in plans if plan in set(of_line["faults"])]
        for axes, plan in zip(column, plans):
            if plan not in taken:
                axes.set_axis_off()
                continue
            _draw(axes, run, of_line[of_line["faults"] == plan])
            title = line if plan == taken[0] else ""
            time = "time (s)" if plan == taken[-1] else ""
            # At the first system that can take it.
            style.finish(axes, title, time, "" if plan in named else plan)
            named.add(plan)
            axes.tick_params(labelbottom=plan == taken[-1])
    style.legend(figure, style.entries(grid.flat))
    return Drawing(
        name="faults",
        title="Faults: throughput and queue in time",
        caption=(
            f"Right products per {STEP_S:g} s, over the mean before the first fault, a line per "
            f"launch{told}; yellow: the share of the requests in flight whose task waited in the "
            "queue until it was handed out for the last time. Dashed: when a fault began, dotted: "
            "when it was over (a part restarted, resumed, connected again). Green: until "
            "throughput was back at 90 % of what it was, in the launch that took longest; purple: "
            "it was not back within the measured time. No panel: the system cannot take that "
            "fault. The table adds the requests of all launches up."
        ),
        figure=figure,
        shown={"faults": _table(run, trials)},
    )


def faulty_trials(run: Run) -> pd.DataFrame:
    """The valid trials with injected faults. Raises NotForThisRun where there are none."""
    if "faults" not in run.trials or (run.valid["faults"] == NONE).all():
        raise NotForThisRun("No faults were injected.")
    return with_lines(run, run.valid[run.valid["faults"] != NONE])


def _one_condition(run: Run, trials: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """The trials under the first of several conditions, and which those are, for the caption."""
    others = [field for field in conditions_of(run) if field not in ("faults", "in_flight")]
    varying = [field for field in others if trials[field].nunique(dropna=False) > 1]
    if not varying:
        return trials, ""
    first = trials[varying].sort_values(varying).iloc[0]
    words = ", ".join(in_words(run.axes[field], first[field]) for field in varying)
    return trials[(trials[varying] == first).all(axis=1)], f" ({words}; the table has all)"


def _draw(axes: Axes, run: Run, launches: pd.DataFrame) -> None:
    for _, trial in launches.iterrows():
        measured_s = trial["results.measured_s"]
        parts = max(1, round(measured_s / STEP_S))
        per_s = products_per_s(run, trial, parts)
        borders = np.linspace(0, measured_s, parts + 1)
        first = min(_begins(trial["injected_faults"]), default=measured_s)
        before = per_s[borders[1:] <= first].mean() if (borders[1:] <= first).any() else np.nan
        look = {"color": style.STYLES[0][0], "linewidth": 0.7, "alpha": 0.8, "baseline": None}
        axes.stairs(per_s / before, borders, label="throughput, relative", **look)
        queue = look | {"color": QUEUE}
        axes.stairs(waiting_shares(run, trial, parts), borders, label="queued, share", **queue)
        axes.set_xlim(0, measured_s)
    for fault in launches.iloc[0]["injected_faults"]:
        _mark(axes, fault)
    slowest = max((each for each in _recoveries(launches)), key=lambda each: each[1] - each[0])
    _shade(axes, *slowest, axes.get_xlim()[1])
    axes.axhline(1, color="0.5", linewidth=0.5, zorder=0)
    axes.set_ylim(0, 1.6)


def _begins(faults: Iterable[dict]) -> list[float]:
    return [fault["at_s"] for fault in faults if fault["at_s"] is not None]


def _mark(axes: Axes, fault: dict) -> None:
    look = {"color": FAULT, "linewidth": 0.9}
    if fault["at_s"] is not None:
        axes.axvline(fault["at_s"], linestyle=(0, (3, 2)), label="fault", **look)
    if fault["until_s"] is not None:
        axes.axvline(fault["until_s"], linestyle=(0, (1, 1.3)), label="over", **look)


def _recoveries(launches: pd.DataFrame) -> list[tuple[float, float]]:
    """From when until when each launch recovered from each fault; infinite where it did not."""
    found = []
    for _, trial in launches.iterrows():
        recoveries = trial["results.fault_effects.recoveries"]
        for fault, recovery in zip(trial["injected_faults"], recoveries):
            at_s, took_s = fault["at_s"], recovery["recovered_s"]
            found.append((at_s, np.inf if took_s is None else at_s + took_s))
    return found


def _shade(axes: Axes, begin_s: float, end_s: float, last_s: float) -> None:
    if end_s > begin_s:
        away = np.isinf(end_s)
        look = {"color": AWAY if away else RECOVERY, "alpha": 0.18, "linewidth": 0}
        label = "not recovered" if away else "recovery"
        axes.axvspan(begin_s, min(end_s, last_s), label=label, **look)


def _table(run: Run, trials: pd.DataFrame) -> Table:
    by = ["line", *(field for field in conditions_of(run) if field != "in_flight")]
    rows = []
    for key, launches in trials.groupby(by, dropna=False, observed=True):
        effects = {name: int(launches[f"results.fault_effects.{name}"].sum()) for name in COUNTS}
        repeated = launches["results.repeated_attempts"].astype(float)
        each = [one for many in launches["results.fault_effects.recoveries"] for one in many]
        times = {name: _longest(one[name] for one in each) for name in TIMES}
        # A recovery that never came is longer than any.
        if any(one["recovered_s"] is None for one in each):
            times["recovered_s"] = np.nan
        known = {REPEATED: repeated.sum() if repeated.notna().all() else np.nan}
        rows.append(dict(zip(by, key)) | {"launches": len(launches)} | effects | known | times)
    table = pd.DataFrame(rows)
    varying = [field for field in by[1:] if table[field].nunique(dropna=False) > 1]
    told = dict.fromkeys(["faults", *varying])
    headings = {"line": "system"} | {field: run.axes[field].label for field in told}
    return Table(table, headings | HEADINGS, "What faults did to the requests")


def _longest(values: Iterable[float | None]) -> float:
    return max((value for value in values if value is not None), default=np.nan)
