"""Response times under an open load, and how much of it is served."""

from __future__ import annotations

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
    with_lines,
)
from enxame_figures.estimates import summarise
from enxame_figures.measures import measure_open
from enxame_figures.output.drawing import Drawing
from enxame_figures.output.tables import Table
from enxame_figures.run import Run
from enxame_figures.samples import RESPONSES

X = "rate_per_s"
MEASURES = [*RESPONSES, "goodput_per_s"]
UNFINISHED = "unfinished_share"
# One line style for each percentile.
LOOKS = {
    "median_response_ms": {},
    "p95_response_ms": {"linestyle": (0, (4, 1.5)), "marker": "", "linewidth": 1.0},
    "p99_response_ms": {"linestyle": (0, (1, 1.3)), "marker": "", "linewidth": 1.0},
}
GIVEN_UP = (
    " Hollow markers: some requests were abandoned. They count with the time spent waiting for "
    "them, so the true times are longer."
)
HEADINGS = {
    "launches": "launches",
    "median_response_ms": "median response (ms)",
    "p95_response_ms": "p95 response (ms)",
    "p99_response_ms": "p99 response (ms)",
    "goodput_per_s": "goodput (1/s)",
    UNFINISHED: "unfinished, share",
}


def draw_saturation(run: Run) -> Drawing:
    """Percentiles of the response time, and products that came back in time, against arrivals."""
    if not run.is_open:
        raise NotForThisRun("The load is closed, so there is no offered rate.")
    if run.experiment["load"].get("schedule", "constant") != "constant":
        raise NotForThisRun("The rate changes within the measured time.")
    if run.valid[X].nunique() < 2:
        raise NotForThisRun("Only one rate was offered.")
    cells = per_cell(
        run,
        measure_open(run),
        lambda cell: summarise(cell, MEASURES) | {UNFINISHED: cell[UNFINISHED].mean()},
    )
    lost = _lost_cells(run)
    panels = panels_of(run, cells, X)
    lines = style.styles_of(lines_of(cells))
    figure, axes = style.panel_grid(len(panels), rows=2, height_in=1.75)
    for panel, (response, goodput) in zip(panels, axes):
        for line, look in lines.items():
            of_line = panel.rows[panel.rows["line"] == line]
            if of_line.empty:
                continue
            for measure, change in LOOKS.items():
                label = {"label": line} if not change else {}
                style.draw_estimates(response, of_line, X, measure, look | change | label)
            style.draw_estimates(goodput, of_line, X, "goodput_per_s", look | {"label": line})
            given_up = of_line[of_line[UNFINISHED] > 0]
            hollow = look | {"linestyle": "none", "markerfacecolor": "white", "zorder": 3}
            response.plot(given_up[X], given_up["median_response_ms"], **hollow)
        style.say_if_bare(response)
        rates = pd.concat([panel.rows[X], lost[X]])
        _finish(response, rates, panel.rows[list(LOOKS)])
        style.finish(response, panel.title, "", "response time (ms)")
        _finish(goodput, rates, panel.rows[["goodput_per_s"]])
        _draw_offered(goodput, rates)
        _mark_lost(response, lost, panel.rows, lines)
        style.finish(goodput, "", "offered rate (1/s)", "goodput (1/s)")
    style.legend(figure, style.entries(axes.flat))
    arrivals = run.experiment["load"]["arrivals"]
    return Drawing(
        name="saturation",
        title="Response time and goodput against the offered rate",
        caption=(
            "Median (solid), 95th (dashed) and 99th percentile (dotted) of the response time under "
            f"{arrivals} arrivals, measured from the scheduled start of each request; percentiles "
            "are drawn where there are enough samples. Goodput is the rate of products returned "
            "within the measured time; it falls below the offered rate (grey) where the system "
            "cannot keep up."
            + (GIVEN_UP if (cells[UNFINISHED] > 0).any() else "")
            + (" Crosses mark rates at which no launch was valid." if len(lost) else "")
            + style.oversubscribed(cores_of_workers(run, cells), computing(cells)["workers"])
        ),
        figure=figure,
        shown={"saturation": Table(cells, headings_of(run, cells, ["workers", "n", X]) | HEADINGS)},
    )


def _lost_cells(run: Run) -> pd.DataFrame:
    """The cells of which nothing is valid, which mostly means that the system was overrun."""
    lost = run.trials[~run.trials["cell"].isin(run.valid["cell"])]
    return with_lines(run, lost).drop_duplicates("cell")[cell_columns(run)]


def _mark_lost(axes: Axes, lost: pd.DataFrame, shown: pd.DataFrame, lines: dict) -> None:
    others = ["workers", "n"]
    here = lost.merge(shown[others].drop_duplicates(), on=others)
    for i, (line, look) in enumerate(lines.items()):
        rates = here.loc[here["line"] == line, X]
        if rates.empty:
            continue
        height = [1 - 0.06 * (i + 1)] * len(rates)
        cross = {"marker": "x", "markersize": 5, "linestyle": "none", "color": look["color"]}
        axes.plot(rates, height, transform=axes.get_xaxis_transform(), **cross)


def _finish(axes: Axes, rates: pd.Series, values: pd.DataFrame) -> None:
    axes.set_xscale("log")
    axes.set_xlim(rates.min() / 1.25, rates.max() * 1.25)
    style.scale_values(axes, values.to_numpy(float))
    style.tick_values(axes.xaxis, rates)


def _draw_offered(axes: Axes, rates: pd.Series) -> None:
    ends = [rates.min(), rates.max()]
    axes.plot(ends, ends, color="0.6", linewidth=0.8, zorder=0, label="offered")
    low, high = axes.get_ylim()
    axes.set_ylim(low, max(high, ends[1] * 1.2))
