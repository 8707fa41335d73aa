"""Where the time of a request goes: the phases of each system, stacked in order."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.container import BarContainer

from enxame_figures import style
from enxame_figures.axes import NON_DEFAULT, computing, headings_of, lines_of, panels_of, per_cell
from enxame_figures.drawing import Drawing
from enxame_figures.estimates import columns_of, mean_over_launches
from enxame_figures.measures import measure_phases
from enxame_figures.run import Run
from enxame_figures.samples import PHASES, UNACCOUNTED
from enxame_figures.tables import Table, number

# Colour and hatch of each phase: neighbours differ in lightness too, for print without colour.
LOOKS = {
    "lateness": ("#B0B0B0", "xx"),
    "backlog": ("#000000", ""),
    "submit": ("#56B4E9", ""),
    "queue": ("#F0E442", "...."),
    "dispatch": ("#0072B2", ""),
    "decode": ("#E69F00", "////"),
    "compute": ("#009E73", ""),
    "encode": ("#F5C76E", r"\\\\"),
    "return": ("#8C6BB1", ""),
    "collect": ("#F2B6D6", ""),
    UNACCOUNTED: ("#FFFFFF", "xxxxxx"),
}
ERRORS = {
    "unaccounted_median": "unaccounted, median (% of response)",
    "unaccounted_p99": "unaccounted, p99 (% of response)",
    "clock_error_ms": "clock error (± ms)",
}
MOST_COLUMNS = 5
# Panels with longer titles have to be wider.
LONGEST_TITLE = 18
BAR_IN = 0.15
# A system beyond so many times the median one is cut, so that the others can be seen.
CUT_BEYOND = 2.5


def draw_waterfall(run: Run) -> Drawing:
    """A panel per set of conditions: shares of the response time above, times below."""
    cells = means_of(run, measure_phases(run))
    panels = panels_of(run, cells, None)
    phases = [phase for phase in LOOKS if phase in cells]
    lines = lines_of(pd.concat([panel.rows for panel in panels]))
    height_in = max(1.0, 0.42 + BAR_IN * len(lines))
    longest = max(len(panel.title) for panel in panels)
    columns = MOST_COLUMNS if longest <= LONGEST_TITLE else style.MOST_COLUMNS
    figure, axes = style.panel_grid(len(panels), 2, height_in, columns)
    for panel, (shares, times) in zip(panels, axes):
        rows = panel.rows.set_index("line").reindex(lines)
        _draw_shares(shares, rows, phases)
        _draw_times(times, rows, phases)
        style.finish(shares, panel.title, "share (%)", "")
        style.finish(times, "", "time (ms)", "")
        for axis in (shares, times):
            first = axis.get_subplotspec().is_first_col()
            _name_bars(axis, lines if first else [""] * len(lines))
    style.legend(figure, style.entries(axes.flat))
    shown = sum(len(panel.rows) for panel in panels)
    return Drawing(
        name="waterfall",
        title="Where the time of a request goes",
        caption=(
            "The mean time in each phase of a request, in order from the left. Above: as shares "
            "of the mean response time, which is given in ms next to each bar. Below: as times, "
            "with a scale of its own for each panel; the diamond is the mean response time with "
            "its interval over launches, and pale bars with an arrow extend beyond the frame. "
            + _about_unaccounted(cells)
            + _about_holding(cells)
            + (f" {shown} of {len(cells)} cells are shown." if shown < len(cells) else "")
            + style.oversubscribed(run.cores, computing(cells)["workers"])
        ),
        figure=figure,
        shown={"waterfall": _table(run, cells, phases)},
    )


def means_of(run: Run, launches: pd.DataFrame) -> pd.DataFrame:
    """
    Per cell the mean over launches of each phase and of `response_ms`, in ms with its interval, and
    of the errors. The means are arithmetic, so that those of the phases add up to that of the
    response.
    """
    measures = [name for name in ["response_ms", *PHASES, UNACCOUNTED] if name in launches]

    def means(cell: pd.DataFrame) -> dict:
        row: dict[str, float] = {"launches": len(cell)}
        for measure in measures:
            row |= columns_of(measure, mean_over_launches(cell[measure]))
        return row | cell[list(ERRORS)].mean().to_dict()

    return per_cell(run, launches, means)


def _draw_stack(
    axis: Axes, rows: pd.DataFrame, phases: list[str], whole: float | np.ndarray
) -> np.ndarray:
    """The phases in parts of `whole`, one after the other; returns where the bars end."""
    places, reached = np.arange(len(rows)), np.zeros(len(rows))
    for phase in phases:
        lengths = np.maximum(rows[phase].fillna(0).to_numpy(), 0) / whole
        colour, hatch = LOOKS[phase]
        look = {"facecolor": colour, "hatch": hatch, "edgecolor": "0.2", "linewidth": 0.3}
        axis.barh(places, lengths, 0.74, left=reached, label=phase, **look)
        reached += lengths
    return reached


def _draw_shares(axis: Axes, rows: pd.DataFrame, phases: list[str]) -> None:
    response = rows["response_ms"].to_numpy()
    ends = np.maximum(_draw_stack(axis, rows, phases, response / 100), 100)
    for place, (end, value) in enumerate(zip(ends, response)):
        if np.isfinite(value):
            note = {"fontsize": style.NOTE_PT, "va": "center", "textcoords": "offset points"}
            axis.annotate(number(value), (end, place), (2, -0.5), **note)
    above = {"xycoords": "axes fraction", "textcoords": "offset points", "color": style.GREY}
    axis.annotate("ms", (1, 1), (0, 1), ha="right", fontsize=style.NOTE_PT, **above)
    axis.axvline(100, color="0.2", linewidth=0.6)
    axis.set_xlim(0, np.nanmax(ends, initial=100) * 1.42)
    axis.set_xticks([0, 50, 100])


def _draw_times(axis: Axes, rows: pd.DataFrame, phases: list[str]) -> None:
    response = rows["response_ms"].to_numpy()
    ends = np.fmax(_draw_stack(axis, rows, phases, 1.0), response)
    limit = frame_of(ends[np.isfinite(response)])
    within = ends <= limit
    spread = np.nan_to_num(
        [response - rows["response_ms_low"], rows["response_ms_high"] - response]
    )
    point = {"fmt": "D", "color": "black", "markersize": 2.4, "markerfacecolor": "white"}
    bars = {"markeredgewidth": 0.6, "elinewidth": 0.7, "capsize": 1.4, "label": "response"}
    places = np.arange(len(rows))
    axis.errorbar(
        response[within], places[within], xerr=spread[:, within], **point, **bars, zorder=3
    )
    arrow = {"marker": ">", "markersize": 3.4, "linestyle": "none", "color": "0.2"}
    for place in places[~within & np.isfinite(response)]:
        axis.plot(limit * 1.05, place, clip_on=False, **arrow)
        for stack in axis.containers:
            if isinstance(stack, BarContainer):
                stack[place].set_alpha(0.35)
    axis.set_xlim(0, limit * 1.03)


def frame_of(times: np.ndarray) -> float:
    """
    How far a linear scale reaches that shows as many of these times as can be told apart: to the
    longest of those that are not CUT_BEYOND times the median, and a little more.
    """
    return float(times[times <= CUT_BEYOND * np.median(times)].max()) * 1.1


def _name_bars(axis: Axes, names: list[str]) -> None:
    """From above in the order of the experiment."""
    words = [name.replace(f" {NON_DEFAULT}", f"\n{NON_DEFAULT}") for name in names]
    axis.set_yticks(range(len(names)), words, fontsize=style.LABEL_PT)
    axis.tick_params(axis="y", length=0)
    axis.set_ylim(len(names) - 0.45, -0.55)
    axis.grid(axis="y", visible=False)


def _about_unaccounted(cells: pd.DataFrame) -> str:
    median, p99 = 100 * cells["unaccounted_median"].max(), 100 * cells["unaccounted_p99"].max()
    text = (
        "Unaccounted time is in no phase; where it is negative, a bar extends beyond the line at "
        f"100 %. In every cell its size is at most {median:.2g} % of the response time at the "
        f"median, and {p99:.2g} % at the 99th percentile."
    )
    if cells["clock_error_ms"].notna().any():
        text += (
            " Where a phase ends on another process's clock, the moment is computed from an "
            "estimate of the offset between the clocks, whose error is in the table; the sum of "
            "the phases does not depend on it."
        )
    return text


def _about_holding(cells: pd.DataFrame) -> str:
    if len(computing(cells)) == len(cells):
        return ""
    return " Compute includes the time for which workers with a service time hold their tasks."


def _table(run: Run, cells: pd.DataFrame, phases: list[str]) -> Table:
    headings = headings_of(run, cells) | {"response_ms": "response (ms)"}
    headings |= {phase: f"{phase} (ms)" for phase in phases}
    percent = {name: 100 * cells[name] for name in ERRORS if name.startswith("unaccounted_")}
    return Table(cells.assign(**percent), headings | ERRORS)
