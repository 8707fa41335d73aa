"""Whether launches are steady: response times in the order of the requests, and their memory."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from enxame_figures import style
from enxame_figures.axes import (
    NotForThisRun,
    cell_columns,
    conditions_of,
    headings_of,
    in_words,
    per_cell,
)
from enxame_figures.measures import measure_sequences
from enxame_figures.output.drawing import Drawing
from enxame_figures.output.tables import Table
from enxame_figures.run import Run
from enxame_figures.sequences import LEVELS_EACH, MOST_LAGS, MOST_POINTS, Sequence

MOST_CELLS = 6
WARNED = " Dashed: where the harness found a change of level."
# Colours and names of the launches.
OTHERS, SHIFTING = "#0072B2", "#D55E00"
NAMES = {OTHERS: "other launches", SHIFTING: "launch whose level moves most"}
HEADINGS = {
    "launches": "launches",
    "fewest_requests": "requests, in the launch with fewest",
    "largest_shift": "highest over lowest level",
    "launch": "in launch",
    "median_shift": "median over launches",
    "warned": "launches with a warning",
    "memory": "autocorrelation at lag 1, mean over launches",
}


def draw_timeline(run: Run) -> Drawing:
    """A panel for each of the cells whose level moves most: launches in time, and their memory."""
    cells = shifts_of(run, measure_sequences(run))
    shown = cells[cells["largest_shift"].notna()]
    if shown.empty:
        raise NotForThisRun("No launch has enough requests to tell its level from their spread.")
    shown = shown.nlargest(MOST_CELLS, "largest_shift", keep="first").sort_index()
    figure, axes = style.panel_grid(len(shown), rows=2, height_in=1.35)
    told = [axis for axis in conditions_of(run) if cells[axis].nunique(dropna=False) > 1]
    for (_, cell), (times, memory) in zip(shown.iterrows(), axes):
        _draw_times(times, cell["sequences"], cell["launch"])
        for at_s in cell["warned_at_s"]:
            look = {"color": "0.4", "linestyle": (0, (3, 2)), "linewidth": 0.8}
            times.axvline(at_s, label="change of level with a warning", **look)
        words = [cell["line"], *(in_words(run.axes[axis], cell[axis]) for axis in told)]
        style.finish(times, ", ".join(words), "time (s)", "response time (ms)")
        _draw_memory(memory, cell["sequences"], cell["launch"])
        style.finish(memory, "", "lag (requests)", "autocorrelation")
    style.legend(figure, style.entries(axes.flat))
    return Drawing(
        name="timeline",
        title="The launches in time",
        caption=(
            "Response times in the order in which the requests ended, a line per launch (beyond "
            f"{MOST_POINTS} requests, medians of as many groups of successive ones). Of the launch "
            f"whose level moves most (orange) the steps are the medians of {LEVELS_EACH} parts "
            "with as many requests each: one level is a steady launch, two are two modes in one "
            "window, and its mean depends on how long it was measured. Below, the autocorrelation "
            "of the logarithms: where it is far from 0, requests depend on those before them, and "
            "say less than as many independent ones."
            + (WARNED if shown["warned"].any() else "")
            + _about_others(len(shown), len(cells))
        ),
        figure=figure,
        shown={"timeline": _table(run, cells)},
    )


def shifts_of(run: Run, launches: pd.DataFrame) -> pd.DataFrame:
    """
    Per cell its `sequences` by launch, the `largest_shift` of their levels and in which `launch`
    that is, the `median_shift`, `memory`, the mean autocorrelation of successive requests, and in
    how many launches and when (`warned`, `warned_at_s`) the harness found a change of level.
    """

    def shifts(cell: pd.DataFrame) -> dict:
        sequences: dict[int, Sequence] = dict(zip(cell["launch"], cell["sequence"]))
        of_launch = pd.Series({launch: each.shift for launch, each in sequences.items()})
        known = of_launch.dropna()
        firsts = [
            each.autocorrelation[0] for each in sequences.values() if len(each.autocorrelation)
        ]
        return {
            "launches": len(cell),
            "fewest_requests": min(each.requests for each in sequences.values()),
            "largest_shift": known.max() if len(known) else np.nan,
            "launch": known.idxmax() if len(known) else None,
            "median_shift": known.median() if len(known) else np.nan,
            "warned": cell["warned_at_s"].notna().sum(),
            "warned_at_s": cell["warned_at_s"].dropna().tolist(),
            "memory": np.mean(firsts) if firsts else np.nan,
            "sequences": sequences,
        }

    return per_cell(run, launches, shifts)


def _draw_times(axis: Axes, sequences: dict[int, Sequence], shifting: int) -> None:
    for launch, each in sequences.items():
        if launch != shifting:
            axis.plot(each.ended_s, each.response_ms, **_look(OTHERS))
    most = sequences[shifting]
    axis.plot(most.ended_s, most.response_ms, **_look(SHIFTING))
    steps = {"color": "black", "linewidth": 1.1, "baseline": None, "zorder": 4}
    axis.stairs(most.levels_ms, most.borders_s, label="its levels", **steps)
    every = np.concatenate([each.response_ms for each in sequences.values()])
    # Single requests may be far away; what is to be seen is the level.
    low, high = np.quantile(every, [0.01, 0.99])
    low, high = min(low, most.levels_ms.min()), max(high, most.levels_ms.max())
    axis.set_yscale("log")
    axis.set_ylim(low / 1.15, high * 1.15)
    style.tick_decades(axis.yaxis, np.log10(high / low))
    axis.set_xlim(0, max(each.ended_s.max() for each in sequences.values() if each.requests))


def _draw_memory(axis: Axes, sequences: dict[int, Sequence], shifting: int) -> None:
    for launch, each in sequences.items():
        colour = SHIFTING if launch == shifting else OTHERS
        lags = np.arange(1, len(each.autocorrelation) + 1)
        if lags.size:
            front = {"zorder": 3} if launch == shifting else {}
            axis.plot(lags, each.autocorrelation, **_look(colour) | front)
    style.say_if_bare(axis)
    axis.axhline(0, color="0.5", linewidth=0.8)
    axis.set_xlim(1, MOST_LAGS)
    axis.set_ylim(-0.35, 1)


def _look(colour: str) -> dict:
    return {"color": colour, "linewidth": 0.7, "alpha": 0.8, "label": NAMES[colour]}


def _about_others(shown: int, cells: int) -> str:
    if shown == cells:
        return ""
    return f" Of {cells} cells the {shown} whose level moves most; the table has all of them."


def _table(run: Run, cells: pd.DataFrame) -> Table:
    headings = headings_of(run, cells, ["workers", "n"])
    return Table(
        cells[[*cell_columns(run), *HEADINGS]], headings | HEADINGS, "Levels of the launches"
    )
