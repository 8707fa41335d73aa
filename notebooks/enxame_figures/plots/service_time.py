"""Whether workers that hold each task for a fixed time are kept busy, whatever their number."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from enxame_figures import style
from enxame_figures.axes import NotForThisRun, headings_of, in_words, lines_of, panels_of, per_cell
from enxame_figures.estimates import Estimate, columns_of, over_launches
from enxame_figures.measures import measure_responses
from enxame_figures.output.drawing import Drawing
from enxame_figures.output.tables import Table
from enxame_figures.run import Run

# Pando, tabs of headless Chromium with tasks of 1 s: tabs → tasks/s, as its authors published them
# (https://github.com/elavoie/pando-handbook). Another machine, another year: to compare the shape
# with ours, not the numbers.
PANDO_SERVICE_MS = 1000
PANDO = {5: 4.17, 10: 8.19, 20: 11.6, 40: 25.5, 100: 69.5, 200: 104, 500: 289, 1000: 541}
# Of those, as many as stand within so many times the workers that were measured.
PANDO_REACH = 4
HEADINGS = {
    "launches": "launches",
    "delivered_per_s": "delivered (1/s)",
    "possible_per_s": "possible (1/s)",
    "efficiency": "efficiency",
}


def draw_service_time(run: Run) -> Drawing:
    """Throughput as a share of the most that so many workers could deliver, against workers."""
    if run.is_open:
        raise NotForThisRun("The load is open, so throughput is the offered rate.")
    cells = efficiencies_of(run, measure_responses(run))
    if cells.empty:
        raise NotForThisRun("No worker held its tasks for a fixed time.")
    panels = panels_of(run, cells, "workers")
    headings = headings_of(run, cells, ["workers", "service_ms"]) | HEADINGS
    looks = style.styles_of(lines_of(cells))
    figure, axes = style.panel_grid(len(panels), rows=1, height_in=2.1)
    for panel, (axis,) in zip(panels, axes):
        beside = pando_beside(panel.rows)
        for line, look in looks.items():
            of_line = panel.rows[panel.rows["line"] == line]
            if not of_line.empty:
                look = look | {"label": line}
                style.draw_estimates(axis, of_line, "workers", "efficiency", look)
        if not beside.empty:
            quiet = {"marker": "x", "markersize": 3.4, "linestyle": "none", "color": "0.55"}
            axis.plot(beside.index, beside, label="Pando, as published", zorder=1, **quiet)
        _scale(axis, panel.rows, beside)
        title = panel.title or in_words(run.axes["service_ms"], panel.rows["service_ms"].iloc[0])
        style.finish(axis, title, "workers", "delivered / possible")
    style.legend(figure, style.entries(axes.flat))
    return Drawing(
        name="service-time",
        title="Tasks of a fixed duration: delivered over possible throughput",
        caption=(
            "Each worker holds each task for a fixed service time, mostly without computing, so "
            "that the number of cores does not matter and what is lost is lost to coordination. "
            "Points: products per second, with intervals over launches, divided by the most that "
            "so many workers could deliver (workers / service time); a product counts with the "
            "share of its duration that lies within the measured time. At 1, the grey line, every "
            "worker is always busy." + _about_pando(panels)
        ),
        figure=figure,
        shown={"service-time": Table(cells, headings)},
    )


def efficiencies_of(run: Run, launches: pd.DataFrame) -> pd.DataFrame:
    """
    Per cell with a service time and a request in flight for every worker: `delivered_per_s`,
    `possible_per_s`, and one over the other, `efficiency`.
    """

    def efficiency(cell: pd.DataFrame) -> dict:
        delivered = over_launches(cell["throughput_per_s"])
        possible = cell["workers"].iloc[0] * 1000 / cell["service_ms"].iloc[0]
        bounds = (delivered.value, delivered.low, delivered.high)
        share = Estimate(*(bound / possible for bound in bounds))
        row = {"launches": len(cell), "possible_per_s": possible}
        return row | columns_of("delivered_per_s", delivered) | columns_of("efficiency", share)

    fixed = (launches["service_ms"] > 0) & (launches["split"] == "none")
    busy = fixed & (launches["at_once"] >= launches["workers"])
    return per_cell(run, launches[busy & launches["throughput_per_s"].notna()], efficiency)


def pando_beside(cells: pd.DataFrame) -> pd.Series:
    """Pando's efficiency by tabs, as far as it stands beside these cells."""
    share = pd.Series({tabs: per_s / tabs for tabs, per_s in PANDO.items()}, dtype=float)
    alike = (cells["service_ms"] == PANDO_SERVICE_MS).all()
    return share[share.index <= (PANDO_REACH * cells["workers"].max() if alike else 0)]


def _scale(axis: Axes, cells: pd.DataFrame, beside: pd.Series) -> None:
    counts = pd.concat([cells["workers"], pd.Series(beside.index, dtype=float)])
    axis.set_xscale("log", base=2)
    axis.set_xlim(counts.min() / 1.2, counts.max() * 1.2)
    style.tick_values(axis.xaxis, [2**i for i in range(int(counts.max()).bit_length())])
    axis.axhline(1, color="0.6", linewidth=0.8, zorder=0)
    least = min(cells["efficiency"].min(), beside.min() if len(beside) else 1)
    # Points and not bars, so that the axis need not begin at zero; near 1 is where they differ.
    axis.set_ylim(min(0.8, least - 0.05), max(1.05, cells["efficiency"].max() + 0.05))


def _about_pando(panels: list) -> str:
    if all(pando_beside(panel.rows).empty for panel in panels):
        return ""
    return (
        " Crosses: published results of Pando with tabs of headless Chromium and tasks of 1 s "
        "(github.com/elavoie/pando-handbook), measured on other machines."
    )
