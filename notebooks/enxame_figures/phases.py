"""Where the time of a request goes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from enxame_figures import style
from enxame_figures.axes import AXES, Panel, in_words, lines_of, per_cell, telling_values
from enxame_figures.drawing import Drawing
from enxame_figures.estimates import columns_of, mean_over_launches
from enxame_figures.measures import PHASES, UNEXPLAINED, measure_phases
from enxame_figures.run import Run
from enxame_figures.tables import Table, number

# Colour and hatch of each phase: neighbours differ in lightness too, for print without colour.
LOOKS = {
    "backlog": ("#000000", ""),
    "submit": ("#56B4E9", ""),
    "queue": ("#F0E442", "...."),
    "transport": ("#0072B2", "----"),
    "dispatch": ("#0072B2", ""),
    "decode": ("#E69F00", "////"),
    "compute": ("#009E73", ""),
    "encode": ("#F5C76E", r"\\\\"),
    "return": ("#D55E00", "++++"),
    "collect": ("#CC79A7", ""),
    UNEXPLAINED: ("#FFFFFF", "xxxx"),
}
MOST_BARS = 8
TIMES = (
    "Each panel has a scale of its own; the diamond is the mean response time, written above it "
    "in ms, with its interval over launches."
)
SHARES = (
    "As shares, since the times differ too much for one scale; above each bar the mean response "
    "time."
)


def draw_phases(run: Run) -> Drawing:
    """A panel per line, a bar per cell of it: the mean of each phase, one upon the other."""
    cells = means_of(measure_phases(run))
    x = next((axis for axis in AXES if cells[axis].nunique() > 1), "workers")
    others = [a for a in AXES if a != x and cells[a].nunique(dropna=False) > 1]
    shown = cells
    for axis in others:
        shown = shown[shown[axis].isin(telling_values(shown[axis], run.cores))]
    shown = shown[shown[x].isin(telling_values(shown[x], run.cores, MOST_BARS))]
    panels = _panels(shown, others)
    phases = [phase for phase in LOOKS if phase in cells]
    as_shares = any(_is_wide(panel.rows["response_ms"]) for panel in panels)
    figure, axes = style.panel_grid(len(panels), rows=1, height_in=2.0)
    for panel, (axis,) in zip(panels, axes):
        _draw_bars(axis, panel.rows.sort_values(x), x, phases, as_shares)
        y = "share of the response time (%)" if as_shares else "time of a request (ms)"
        style.finish(axis, panel.title, AXES[x], y)
    style.legend(figure, style.entries(axes.flat))
    left_out = "" if len(shown) == len(cells) else f" {len(shown)} of {len(cells)} cells are shown."
    return Drawing(
        name="phases",
        title="The phases of a request",
        caption=(
            "Mean time in each phase of a request, in the order of its life from below. "
            + (SHARES if as_shares else TIMES)
            + " What no phase explains is crossed; where phases overlap they add up to more."
            + left_out
            + style.time_slicing(run.cores, cells["workers"])
        ),
        figure=figure,
        shown={"phases": _table(cells, phases)},
    )


def means_of(launches: pd.DataFrame) -> pd.DataFrame:
    """
    Per cell the mean over launches of each phase and of `response_ms`, in ms with its interval. The
    means are arithmetic, so that those of the phases add up to that of the response.
    """
    measures = [name for name in ["response_ms", *PHASES, UNEXPLAINED] if name in launches]

    def means(cell: pd.DataFrame) -> dict:
        row = {"launches": len(cell)}
        for measure in measures:
            row |= columns_of(measure, mean_over_launches(cell[measure]))
        return row

    return per_cell(launches, means)


def _is_wide(values: pd.Series) -> bool:
    return values.max() > 8 * values.min()


def _panels(cells: pd.DataFrame, others: list[str]) -> list[Panel]:
    panels = []
    for line in lines_of(cells):
        rows = cells[cells["line"] == line]
        for _, values in (
            rows[others].drop_duplicates().sort_values(others).iterrows() if others else []
        ):
            words = ", ".join(in_words(axis, values[axis]) for axis in others)
            panels.append(Panel(f"{line}: {words}", rows.merge(values.to_frame().T)))
        if not others:
            panels.append(Panel(line, rows))
    return panels


def _draw_bars(axes, cells: pd.DataFrame, x: str, phases: list[str], as_shares: bool) -> None:
    places = np.arange(len(cells))
    below = np.zeros(len(cells))
    response = cells["response_ms"].to_numpy()
    whole = response / 100 if as_shares else np.ones(len(cells))
    for phase in phases:
        height = np.maximum(cells[phase].fillna(0).to_numpy(), 0) / whole
        colour, hatch = LOOKS[phase]
        look = {"facecolor": colour, "hatch": hatch, "edgecolor": "0.2", "linewidth": 0.3}
        axes.bar(places, height, 0.72, bottom=below, label=phase, **look)
        below += height
    tops = np.maximum(below, 100) if as_shares else _draw_responses(axes, cells, places, below)
    for place, top, value in zip(places, tops, response):
        text = f"{number(value)} ms" if as_shares and len(cells) <= 4 else number(value)
        note = {"fontsize": style.NOTE_PT, "ha": "center", "textcoords": "offset points"}
        axes.annotate(text, (place, top), (0, 2), **note)
    axes.set_xticks(places, [f"{value:g}" for value in cells[x]])
    axes.set_ylim(0, tops.max() * 1.1)


def _draw_responses(axes, cells: pd.DataFrame, places: np.ndarray, below: np.ndarray) -> np.ndarray:
    """The mean response times with their intervals; returns how high each bar reaches with them."""
    response = cells["response_ms"].to_numpy()
    spread = [response - cells["response_ms_low"], cells["response_ms_high"] - response]
    point = {"fmt": "D", "color": "black", "markersize": 3, "markerfacecolor": "white"}
    bars = {"elinewidth": 0.9, "capsize": 2, "label": "response"}
    axes.errorbar(places, response, yerr=np.nan_to_num(spread), **point, **bars)
    return np.fmax(np.fmax(below, response), cells["response_ms_high"].to_numpy())


def _table(cells: pd.DataFrame, phases: list[str]) -> Table:
    headings = {"line": "system", **{axis: axis for axis in AXES if cells[axis].nunique() > 1}}
    headings |= {"response_ms": "response (ms)"} | {phase: f"{phase} (ms)" for phase in phases}
    return Table(cells, headings)
