"""Where the time of a request goes: the phases of each system, stacked in order."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from enxame_figures import style
from enxame_figures.axes import (
    NON_DEFAULT,
    computing,
    cores_of_workers,
    headings_of,
    lines_of,
    panels_of,
)
from enxame_figures.measures import measure_phases
from enxame_figures.output.drawing import Drawing
from enxame_figures.output.numbers import number
from enxame_figures.output.tables import Table
from enxame_figures.phases import ERRORS, means_of, parts_in, share
from enxame_figures.run import Run
from enxame_figures.samples import UNACCOUNTED

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
# Which of a bar's borders depend on an estimate of clocks, by the phase that ends there, and how
# high in the bar the error is drawn, so that none covers another.
BY_WORKERS_CLOCK = {"dispatch": -0.09, "encode": 0.09}
BY_RELAYS_CLOCK = {"submit": -0.27, "return": 0.27}
INEXACT: dict = {
    "plus_minus": True,
    "widened_by": ", and where a phase depends on an estimate of clocks the error of that",
}
MOST_COLUMNS = 5
# Panels with longer titles have to be wider.
LONGEST_TITLE = 18
BAR_IN = 0.15
HALF_A_BAR = 0.37
# A system beyond so many times the median one is cut, so that the others can be seen.
CUT_BEYOND = 2.5


def draw_waterfall(run: Run) -> Drawing:
    """A panel per set of conditions: shares of the response time above, or left, of the times."""
    cells = means_of(run, measure_phases(run))
    panels = panels_of(run, cells, None)
    phases = parts_in(cells)
    lines = lines_of(pd.concat([panel.rows for panel in panels]))
    height_in = max(1.0, 0.42 + BAR_IN * len(lines))
    longest = max(len(panel.title) for panel in panels)
    columns = MOST_COLUMNS if longest <= LONGEST_TITLE else style.MOST_COLUMNS
    if len(panels) == 1:
        figure, axes = style.wide_pair(height_in)
    else:
        figure, axes = style.panel_grid(len(panels), 2, height_in, columns)
    for panel, (shares, times) in zip(panels, axes):
        rows = panel.rows.set_index("line").reindex(lines)
        _draw_shares(shares, rows, phases, 1.15 if len(panels) == 1 else 1.42)
        _draw_times(times, rows, phases)
        style.finish(shares, panel.title, "share (%)", "")
        style.finish(times, "", "time (ms)", "")
        for axis in (shares, times):
            named = axis.get_subplotspec().is_first_col()
            _name_bars(axis, lines if named else [""] * len(lines))
    style.legend(figure, style.entries(axes.flat))
    shown = sum(len(panel.rows) for panel in panels)
    first, second = ("Left", "Right") if len(panels) == 1 else ("Above", "Below")
    return Drawing(
        name="waterfall",
        title="Where the time of a request goes",
        caption=(
            f"The mean time in each phase of a request, in order from the left. {first}: as shares "
            "of the mean response time, which is given in ms next to each bar. "
            f"{second}: as times, with a scale of its own for each panel; the diamond is the mean "
            "response time with its interval over launches, and pale bars with an arrow extend "
            "beyond the frame. "
            + _about_clocks(cells)
            + _about_unaccounted(cells)
            + _about_holding(cells)
            + (f" {shown} of {len(cells)} cells are shown." if shown < len(cells) else "")
            + style.oversubscribed(cores_of_workers(run, cells), computing(cells)["workers"])
        ),
        figure=figure,
        shown={
            "waterfall": _times_table(run, cells, phases),
            "shares": _shares_table(run, cells, phases),
        },
    )


def _draw_stack(
    axis: Axes, rows: pd.DataFrame, phases: list[str], whole: float | np.ndarray, pale: np.ndarray
) -> dict[str, np.ndarray]:
    """
    The phases in parts of `whole`, one after the other; returns where each of them ends. `pale`:
    which bars extend beyond the frame.
    """
    reached = np.zeros(len(rows))
    ends = {}
    for phase in phases:
        lengths = np.maximum(rows[phase].fillna(0).to_numpy(), 0) / whole
        _draw_phase(axis, phase, reached, lengths, pale)
        reached = reached + lengths
        ends[phase] = reached
    return ends


def _draw_clock_errors(axis: Axes, rows: pd.DataFrame, ends: dict[str, np.ndarray]) -> None:
    """By how much the borders between phases may lie elsewhere, on bars of shares."""
    error = (100 * rows["clock_error_ms"] / rows["response_ms"]).to_numpy(float)
    known = np.isfinite(error) & (error > 0)
    relayed = known & rows["relayed"].eq(True).to_numpy()  # NaN of what was not measured
    shown = [(phase, height, known) for phase, height in BY_WORKERS_CLOCK.items()]
    shown += [(phase, height, relayed) for phase, height in BY_RELAYS_CLOCK.items()]
    at = np.concatenate([ends[phase][of] for phase, _, of in shown])
    heights = np.concatenate([np.flatnonzero(of) + height for _, height, of in shown])
    reach = np.concatenate([error[of] for _, _, of in shown])
    if reach.size:
        # No phase is shorter than nothing, so that no border lies outside of the bar.
        whole = np.concatenate([ends[UNACCOUNTED][of] for _, _, of in shown])
        within = [np.minimum(reach, at), np.minimum(reach, whole - at)]
        look = {"fmt": "none", "ecolor": "black", "elinewidth": 0.6, "capsize": 0.8}
        axis.errorbar(at, heights, xerr=within, label="clock error", capthick=0.5, **look)


def _draw_phase(
    axis: Axes, phase: str, starts: np.ndarray, lengths: np.ndarray, pale: np.ndarray
) -> None:
    """
    A bar for each row whose phase took any time, and all that look alike as one shape: a hatch
    takes as long to draw for one bar as for all.
    """
    colour, hatch = LOOKS[phase]
    there = np.isfinite(lengths) & (lengths > 0)
    for rows, alpha in ((there & ~pale, 1), (there & pale, 0.35)):
        if rows.any():
            left, middle = starts[rows], np.flatnonzero(rows)
            right, low, high = left + lengths[rows], middle - HALF_A_BAR, middle + HALF_A_BAR
            corners = [(left, low), (right, low), (right, high), (left, high)]
            bars = Path.make_compound_path_from_polys(np.array(corners).transpose(2, 0, 1))
            look = {"facecolor": colour, "hatch": hatch, "edgecolor": "0.2", "linewidth": 0.3}
            axis.add_artist(PathPatch(bars, alpha=alpha, label=phase, **look))


def _draw_shares(axis: Axes, rows: pd.DataFrame, phases: list[str], room: float) -> None:
    """`room`: how far the axis reaches, for the numbers next to the bars, in lengths of a bar."""
    response = rows["response_ms"].to_numpy()
    none = np.zeros(len(rows), dtype=bool)
    ends = _draw_stack(axis, rows, phases, response / 100, none)
    _draw_clock_errors(axis, rows, ends)
    reached = np.maximum(ends[phases[-1]], 100)
    for place, (end, value) in enumerate(zip(reached, response)):
        if np.isfinite(value):
            note = {"fontsize": style.NOTE_PT, "va": "center", "textcoords": "offset points"}
            axis.annotate(number(value), (end, place), (2, -0.5), **note)
    above = {"xycoords": "axes fraction", "textcoords": "offset points", "color": style.GREY}
    axis.annotate("ms", (1, 1), (0, 1), ha="right", fontsize=style.NOTE_PT, **above)
    axis.axvline(100, color="0.2", linewidth=0.6)
    axis.set_xlim(0, np.nanmax(reached, initial=100) * room)
    axis.set_xticks([0, 50, 100])


def _draw_times(axis: Axes, rows: pd.DataFrame, phases: list[str]) -> None:
    response = rows["response_ms"].to_numpy()
    known = np.isfinite(response)
    ends = np.fmax(np.maximum(rows[phases].fillna(0).to_numpy(), 0).sum(axis=1), response)
    limit = frame_of(ends[known])
    within = ends <= limit
    _draw_stack(axis, rows, phases, 1.0, ~within)
    spread = np.nan_to_num(
        [response - rows["response_ms_low"], rows["response_ms_high"] - response]
    )
    point = {"fmt": "D", "color": "black", "markersize": 2.4, "markerfacecolor": "white"}
    bars = {"markeredgewidth": 0.6, "elinewidth": 0.7, "capsize": 1.4, "label": "response"}
    places = np.arange(len(rows))
    axis.errorbar(
        response[within], places[within], xerr=spread[:, within], **point, **bars, zorder=3
    )
    beyond = places[~within & known]
    arrow = {"marker": ">", "markersize": 3.4, "linestyle": "none", "color": "0.2"}
    if beyond.size:
        axis.plot(np.full(len(beyond), limit * 1.05), beyond, clip_on=False, **arrow)
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


def _about_clocks(cells: pd.DataFrame) -> str:
    if not (cells["clock_error_ms"] > 0).any():
        return ""
    return (
        "Where a phase ends on another process's clock, the moment is computed from an estimate of "
        "the offset between the clocks; error bars within the bars of shares are the error of that "
        "estimate. The sum of the phases does not depend on it. "
    )


def _about_unaccounted(cells: pd.DataFrame) -> str:
    median, p99 = 100 * cells["unaccounted_median"].max(), 100 * cells["unaccounted_p99"].max()
    return (
        "Unaccounted time is in no phase; where it is negative, a bar extends beyond the line at "
        f"100 %. In every cell its size is at most {median:.2g} % of the response time at the "
        f"median, and {p99:.2g} % at the 99th percentile."
    )


def _about_holding(cells: pd.DataFrame) -> str:
    if len(computing(cells)) == len(cells):
        return ""
    return " Compute includes the time for which workers with a service time hold their tasks."


def _times_table(run: Run, cells: pd.DataFrame, phases: list[str]) -> Table:
    headings = headings_of(run, cells) | {"response_ms": "response (ms)"}
    headings |= {phase: f"{phase} (ms)" for phase in phases}
    percent = {name: 100 * cells[name] for name in ERRORS if name.startswith("unaccounted_")}
    shares = [f"{share(phase)}{end}" for phase in phases for end in ("", "_low", "_high")]
    rows = cells.assign(**percent).drop(columns=[*shares, "relayed"])
    return Table(rows, headings | ERRORS, "Mean times of the phases of a request", **INEXACT)


def _shares_table(run: Run, cells: pd.DataFrame, phases: list[str]) -> Table:
    headings = headings_of(run, cells) | {share(phase): f"{phase} (%)" for phase in phases}
    columns = [f"{share(phase)}{end}" for phase in phases for end in ("", "_low", "_high")]
    told = [name for name in cells if name in headings or name in columns or name == "launches"]
    title = "Shares of the phases in the mean response time"
    return Table(cells[told], headings, title, most_decimals=1, **INEXACT)
