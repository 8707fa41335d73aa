"""Distributions of response times (ECDF)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from enxame_figures import style
from enxame_figures.axes import (
    NotForThisRun,
    cell_columns,
    computing,
    cores_of_workers,
    headings_of,
    lines_of,
    panels_of,
    per_cell,
)
from enxame_figures.estimates import summarise
from enxame_figures.measures import measure_distributions
from enxame_figures.output.drawing import Drawing
from enxame_figures.output.tables import Table
from enxame_figures.run import Run
from enxame_figures.samples import LEVELS

TOLD = {
    0.05: "p5",
    0.25: "p25",
    0.5: "median",
    0.75: "p75",
    0.95: "p95",
    0.99: "p99",
    0.999: "p99.9",
}


def draw_distributions(run: Run) -> Drawing:
    """
    The share of requests that were answered within a given time, a panel per set of conditions.
    """
    cells = per_cell(run, measure_distributions(run), lambda cell: summarise(cell, list(LEVELS)))
    cells = cells[cells[0.5].notna()]
    if cells.empty:
        raise NotForThisRun("No cell has enough samples for a median.")
    panels = panels_of(run, cells, None)
    lines = style.styles_of(lines_of(cells))
    figure, axes = style.panel_grid(len(panels), rows=1, height_in=2.0)
    for panel, (axis,) in zip(panels, axes):
        for line, look in lines.items():
            for _, cell in panel.rows[panel.rows["line"] == line].iterrows():
                _draw_line(axis, cell, look, line)
        axis.set_xscale("log")
        # Of the values: the band of few launches may reach anywhere, and is cut at the frame.
        values = panel.rows[list(LEVELS)].to_numpy(float)
        axis.set_xlim(np.nanmin(values) / 1.25, np.nanmax(values) * 1.25)
        style.tick_decades(axis.xaxis, np.diff(np.log10(axis.get_xlim()))[0])
        axis.set_ylim(0, 1.02)
        style.finish(axis, panel.title, "response time (ms)", "share of requests")
        axis.grid(axis="x", color="0.93", linewidth=0.5)
    style.legend(figure, style.entries(axes.flat))
    return Drawing(
        name="distributions",
        title="Distributions of response times",
        caption=(
            "The share of requests that were answered within a given time (ECDF): at each share, "
            "the geometric mean of the launches' quantiles and, as a band, its 95 % interval. A "
            "line ends where a launch has fewer than ten samples beyond it."
            + _left_out(run, cells)
            + style.oversubscribed(cores_of_workers(run, cells), computing(cells)["workers"])
        ),
        figure=figure,
        shown={"distributions": _table(run, cells)},
    )


def _draw_line(axis: Axes, cell: pd.Series, look: dict, label: str) -> None:
    values, low, high = (
        np.array([cell[name] for name in names], dtype=float)
        for names in (LEVELS, [f"{p}_low" for p in LEVELS], [f"{p}_high" for p in LEVELS])
    )
    marks = [int(np.argmin(abs(LEVELS - p))) for p in (0.25, 0.5, 0.75)]
    axis.plot(values, LEVELS, label=label, markevery=marks, **look)
    axis.fill_betweenx(LEVELS, low, high, color=look["color"], alpha=0.2, linewidth=0)


def _table(run: Run, cells: pd.DataFrame) -> Table:
    names = {
        f"{p}{end}": f"{name}{end}" for p, name in TOLD.items() for end in ("", "_low", "_high")
    }
    rows = cells.rename(columns={p: str(p) for p in TOLD}).rename(columns=names)
    headings = headings_of(run, cells) | {name: f"{name} (ms)" for name in TOLD.values()}
    return Table(rows[[*cell_columns(run), "launches", *names.values()]], headings)


def _left_out(run: Run, cells: pd.DataFrame) -> str:
    shown = sum(len(panel.rows) for panel in panels_of(run, cells, None))
    if shown == len(cells):
        return ""
    return f" {shown} of {len(cells)} cells are shown; the table lists all of them."
