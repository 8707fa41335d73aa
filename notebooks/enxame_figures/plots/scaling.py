"""Response time and throughput of a closed load, against workers or another number."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from enxame_figures import style
from enxame_figures.axes import (
    NotForThisRun,
    computing,
    cores_of_workers,
    headings_of,
    lines_of,
    panels_of,
    per_cell,
    varies,
)
from enxame_figures.estimates import summarise
from enxame_figures.measures import measure_responses
from enxame_figures.output.drawing import Drawing
from enxame_figures.output.tables import Table
from enxame_figures.run import Run

JITTERED = (
    " Clients of systems that poll wait for a random time before each request, so that those have "
    "no throughput."
)
MEASURES = ["median_response_ms", "p95_response_ms", "throughput_per_s"]
# In sentences.
NAMES = {"workers": "the number of workers", "n": "the order of the matrices"}
HEADINGS = {
    "launches": "launches",
    "median_response_ms": "median response (ms)",
    "p95_response_ms": "p95 response (ms)",
    "throughput_per_s": "throughput (1/s)",
}


def draw_scaling(run: Run) -> Drawing:
    """Against workers."""
    return _draw(run, "scaling", "workers")


def draw_sizes(run: Run) -> Drawing:
    """Against the order of the matrices."""
    return _draw(run, "sizes", "n")


def _draw(run: Run, name: str, x: str) -> Drawing:
    if run.is_open:
        raise NotForThisRun("The load is open, so throughput is the offered rate.")
    if not varies(run.valid, x):
        raise NotForThisRun(f"Only one value of {NAMES[x]} was measured.")
    cells = per_cell(run, measure_responses(run), lambda cell: summarise(cell, MEASURES))
    panels = panels_of(run, cells, x)
    lines = style.styles_of(lines_of(cells))
    figure, axes = style.panel_grid(len(panels), rows=2, height_in=1.75)
    for panel, (response, throughput) in zip(panels, axes):
        for line, look in lines.items():
            of_line = panel.rows[panel.rows["line"] == line]
            if of_line.empty:
                continue
            style.draw_estimates(response, of_line, x, "median_response_ms", look | {"label": line})
            style.draw_estimates(throughput, of_line, x, "throughput_per_s", look | {"label": line})
            style.draw_quietly(response, of_line, x, "p95_response_ms", look)
        _finish(response, panel.rows, x, MEASURES[:2], cores_of_workers(run, panel.rows))
        style.finish(response, panel.title, "", "response time (ms)")
        _finish(throughput, panel.rows, x, MEASURES[2:], cores_of_workers(run, panel.rows))
        style.finish(throughput, "", run.axes[x].label, "throughput (1/s)")
    style.legend(figure, style.entries(axes.flat))
    return Drawing(
        name=name,
        title=f"Response time and throughput against {NAMES[x]}",
        caption=(
            "Median (solid, with intervals) and 95th percentile (dashed, where there are enough "
            f"samples) of the response time, and throughput, against {NAMES[x]}. The load is "
            "closed: requests follow each other without a pause, one in flight per worker unless "
            "the panel says otherwise."
            + (JITTERED if run.is_jittered else "")
            + style.oversubscribed(cores_of_workers(run, cells), computing(cells)["workers"])
        ),
        figure=figure,
        shown={name: Table(cells, headings_of(run, cells, ["workers", "n"]) | HEADINGS)},
    )


def _finish(axes: Axes, cells: pd.DataFrame, x: str, measures: list[str], cores: int) -> None:
    style.say_if_bare(axes)
    style.scale_counts(axes, cells[x])
    style.scale_values(axes, cells[measures].to_numpy(float))
    if x == "workers":
        style.mark_cores(axes, cores, computing(cells)["workers"])
