"""
What the authors of the original left open: what its HTTP adds, how the response time changes with
the number of Wasm workers, and how native compares with Wasm.
"""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from enxame_figures import style
from enxame_figures.axes import (
    NotForThisRun,
    computing,
    cores_of_workers,
    headings_of,
    in_words,
    per_cell,
    with_lines,
)
from enxame_figures.estimates import summarise
from enxame_figures.measures import measure_responses
from enxame_figures.output.drawing import Drawing
from enxame_figures.output.tables import Table
from enxame_figures.plots.contrasts import at_first_conditions, contrasts_of, shades, told_by
from enxame_figures.plots.costs import MEAN, compared_with, costs_of
from enxame_figures.run import Run

RESPONSE = "median_response_ms"
HTTP, WORKERS, WASM = "(a) what HTTP adds", "(b) Wasm workers", "(c) native and Wasm"
HEADINGS = {"question": "question", "line": "system", "over": "over"}
# Ratios of means: some launches of what polls or takes seconds are too short for medians.
RESULTS = {RESPONSE: "median response (ms)", MEAN: "mean response, ratio"}


def draw_origin(run: Run) -> Drawing:
    """A panel per question."""
    http = _contrasts(run, "topology", ["front", "direct"])
    engine = _contrasts(run, "engine", ["browser", "native"])
    workers = _against_workers(run)
    if http.empty or engine.empty or workers.empty:
        raise NotForThisRun(
            "It takes a front and direct calls, both engines, and several numbers of Wasm workers."
        )
    wasm = pd.concat([_whole_move(run), engine], ignore_index=True)
    over = compared_with(run)
    figure, axes = style.panel_grid(3, rows=1, height_in=2.2)
    for axis, rows, title in ((axes[0, 0], http, HTTP), (axes[2, 0], wasm, WASM)):
        _draw_ratios(axis, rows)
        style.finish(axis, title, run.axes["n"].label, "mean response time, ratio")
        axis.legend(fontsize=style.NOTE_PT, frameon=False, handlelength=1.6, labelspacing=0.3)
    middle = axes[1, 0]
    _draw_workers(run, middle, workers)
    style.finish(middle, f"{WORKERS}: {workers['line'].iloc[0]}", "workers", "response time (ms)")
    return Drawing(
        name="origin",
        title="The three questions of the original's authors",
        caption=(
            "(a) The mean response time through the HTTP front over that of direct calls to the "
            "same workers, by the order of the matrices. (b) The median response time against the "
            "number of Wasm workers, with one request in flight for each. (c) The mean response "
            f"time of Wasm workers over that of native ones: the whole move, over {over}, and the "
            "engine alone, over native workers of the same system. Ratios are paired by launch, "
            "bars are 95 % intervals over launches; 1 means no difference."
            + style.oversubscribed(cores_of_workers(run, workers), computing(workers)["workers"])
        ),
        figure=figure,
        shown={"origin": _table(run, http, workers, wasm)},
    )


def _contrasts(run: Run, choice: str, differ: list[str]) -> pd.DataFrame:
    """
    Those contrasts of a choice whose systems have these values of it, the first over the second,
    over n.
    """
    told = [each for each in told_by(run) if each["choice"] == choice]
    found = contrasts_of(run, [each for each in told if each["differs"][choice] == differ])
    # The harness has that system over the other that the experiment lists later.
    other = contrasts_of(run, [each for each in told if each["differs"][choice] == differ[::-1]])
    found = pd.concat([found, _turned(other)], ignore_index=True)
    found = at_first_conditions(run, found, "n")
    return found[found[MEAN].notna()]


def _turned(contrasts: pd.DataFrame) -> pd.DataFrame:
    """The same, the other way round."""
    if contrasts.empty:
        return contrasts
    low, high = f"{MEAN}_low", f"{MEAN}_high"
    return contrasts.assign(
        line=contrasts["over"],
        over=contrasts["line"],
        **{
            MEAN: 1 / contrasts[MEAN].astype(float),
            low: 1 / contrasts[high].astype(float),
            high: 1 / contrasts[low].astype(float),
        },
    )


def _whole_move(run: Run) -> pd.DataFrame:
    """The lines in browsers over the native line that the run compares with, over n."""
    lines = with_lines(run, run.valid)
    in_browsers = set(lines.loc[lines["engine"] == "browser", "line"].astype(str))
    over = compared_with(run)
    costs = costs_of(run).astype({"line": str})
    costs = costs[costs["line"].isin(in_browsers - {over}) & costs[MEAN].notna()]
    if over in in_browsers:
        costs = costs[:0]
    return at_first_conditions(run, costs.assign(over=over), "n")


def _against_workers(run: Run) -> pd.DataFrame:
    """Per cell of the browser line with most worker counts its median response time."""
    launches = measure_responses(run)
    in_browsers = run.valid.loc[run.valid["engine"] == "browser", "system"].unique()
    launches = launches[launches["system"].isin(in_browsers) & launches[RESPONSE].notna()]
    counts = launches.groupby("line", observed=True)["workers"].nunique()
    if counts.empty or counts.max() < 2:
        return launches[:0]
    of_line = launches[launches["line"] == counts.idxmax()]
    return per_cell(run, of_line, lambda cell: summarise(cell, [RESPONSE]))


def _draw_ratios(axis: Axes, rows: pd.DataFrame) -> None:
    pairs = list(rows.groupby(["line", "over"], sort=False))
    looks = style.styles_of(" / ".join(pair) for pair, _ in pairs)
    for (label, look), (_, of_pair) in zip(looks.items(), pairs):
        style.draw_estimates(axis, of_pair.sort_values("n"), "n", MEAN, look | {"label": label})
    style.scale_counts(axis, rows["n"])
    style.scale_values(axis, pd.concat([rows[MEAN], pd.Series([1.0])]).to_numpy(float))
    axis.axhline(1, color="0.5", linewidth=0.8)


def _draw_workers(run: Run, axis: Axes, cells: pd.DataFrame) -> None:
    orders = sorted(cells["n"].unique())
    for n, colour in zip(orders, shades(len(orders))):
        look = {"color": colour, "marker": "o", "markersize": 3.6, "linewidth": 1.2}
        of_order, label = cells[cells["n"] == n], in_words(run.axes["n"], n)
        style.draw_estimates(axis, of_order, "workers", RESPONSE, look | {"label": label})
        last = of_order.iloc[-1]
        beside = {"textcoords": "offset points", "va": "center", "fontsize": style.NOTE_PT}
        axis.annotate(label, (last["workers"], last[RESPONSE]), (5, 0), color=colour, **beside)
    style.scale_counts(axis, cells["workers"])
    # For the names of the lines.
    axis.set_xlim(right=axis.get_xlim()[1] * 2.2)
    style.scale_values(axis, cells[RESPONSE].to_numpy(float))
    style.mark_cores(axis, cores_of_workers(run, cells), computing(cells)["workers"])


def _table(run: Run, http: pd.DataFrame, workers: pd.DataFrame, wasm: pd.DataFrame) -> Table:
    parts = [(http, HTTP), (workers.astype({"line": str}), WORKERS), (wasm, WASM)]
    rows = pd.concat([part.assign(question=title) for part, title in parts], ignore_index=True)
    rows["launches"] = rows["launches"].fillna(rows["pairs"])
    conditions = headings_of(run, rows, ["workers", "n"])
    headings = HEADINGS | conditions | RESULTS
    bounds = [f"{name}{end}" for name in RESULTS for end in ("_low", "_high")]
    return Table(rows[[*headings, *bounds, "launches"]], headings)
