"""How the cells of any experiment become lines, panels and a horizontal axis.

One rule for every figure. What a system is made of, where it varies, makes lines: `rest-wasm json`
beside `rest-wasm binary`. What it is put to (workers, order of the matrices, load) makes panels,
unless it is the figure's horizontal axis.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from enxame_figures.run import Axis, Run

# What a system is made of. Every other axis is a condition that systems are put to.
PARTS = ["engine", "topology", "transport", "codec", "kernel", "dispatch", "collection"]
PARTS += ["connections", "browser_flags", "browsers", "attached"]
# Follows the name of a line whose browsers had flags that browsers do not have by themselves.
NON_DEFAULT = "(non-default flags)"
# What the heading of a column has to add to its axis' label.
HEADING_NOTES = {"in_flight": " (–: per worker)"}
# Of each axis; where one axis alone makes panels there is room for more.
MOST_PANELS = 4
MOST_OF_ONE = 6


class NotForThisRun(Exception):
    """A figure does not apply to this run; the message is the reason, as a sentence."""


@dataclass(frozen=True)
class Panel:
    """What one panel shows, and what its title says of it; empty when there is only one."""

    title: str
    rows: pd.DataFrame


def conditions_of(run: Run) -> dict[str, Axis]:
    """The axes that a system is put to values of, by the columns that have them."""
    return {field: axis for field, axis in run.axes.items() if field not in PARTS}


def counted(run: Run) -> list[str]:
    """Those of the conditions whose values are numbers, which can be a horizontal axis."""
    return [field for field in conditions_of(run) if _is_counted(run.trials[field])]


def _is_counted(values: pd.Series) -> bool:
    return all(
        isinstance(value, int | float) and not isinstance(value, bool) for value in values.dropna()
    )


def cell_columns(run: Run) -> list[str]:
    """What tells cells apart: their line, and the conditions."""
    return ["line", *conditions_of(run)]


def with_lines(run: Run, trials: pd.DataFrame) -> pd.DataFrame:
    """
    The trials with a column `line`, an ordered category, with `at_once`, the requests in flight,
    and with `in_flight` as the experiment gives it: NaN stands for `per-worker`, which is no axis
    of its own.
    """
    every = run.trials
    named = {system: _line_names(every[every["system"] == system]) for system in run.systems}
    lines = [f"{row.system}{named[row.system](row)}" for row in trials.itertuples()]
    order = list(dict.fromkeys(f"{row.system}{named[row.system](row)}" for row in _sorted(run)))
    only = run.experiment["axes"].get("in_flight", ["per-worker"])
    fixed = only[0] != "per-worker" if len(only) == 1 else None
    in_flight = [
        count if fixed or re.search(r"in_flight=\d", cell) else float("nan")
        for cell, count in zip(trials["cell"], trials["in_flight"])
    ]
    return trials.assign(
        line=pd.Categorical(lines, categories=order, ordered=True),
        at_once=trials["in_flight"],
        in_flight=in_flight,
    )


def _line_names(trials: pd.DataFrame) -> Callable[[Any], str]:
    varying = [part for part in PARTS if part in trials and trials[part].nunique() > 1]
    # Told even where all trials have the same.
    varying += [] if "browser_flags" in varying else ["browser_flags"]

    def name(row: Any) -> str:
        words = [_word(part, getattr(row, part)) for part in varying]
        return "".join(f" {word}" for word in words if word)

    return name


def _word(part: str, value: str | bool) -> str:
    """What a line's name says of a part."""
    if part == "attached":
        return "attached" if value else "unattached"
    if part == "browser_flags":
        return "" if value == "none" else f"{value} {NON_DEFAULT}"
    # Their values alone could be those of another part.
    return f"{value} {part}" if part in ("collection", "connections") else str(value)


def _sorted(run: Run) -> list:
    """The trials by system and then by parts, as the experiment lists both."""
    axes = run.experiment["axes"]

    def place(row: Any) -> tuple:
        parts = [(part, getattr(row, part, None)) for part in PARTS if part in axes]
        at = [axes[part].index(value) if value in axes[part] else 0 for part, value in parts]
        return (run.systems.index(row.system), *at)

    return sorted(run.trials.itertuples(), key=place)


def lines_of(measured: pd.DataFrame) -> list[str]:
    """The lines that have something to show, in their order."""
    return list(measured["line"].cat.remove_unused_categories().cat.categories)


def per_cell(
    run: Run, measured: pd.DataFrame, of_cell: Callable[[pd.DataFrame], dict | None]
) -> pd.DataFrame:
    """
    A row per cell: what tells it apart, and what `of_cell` makes of its launches (None: nothing).
    """
    by = cell_columns(run)
    rows = []
    for key, launches in measured.groupby(by, dropna=False, observed=True):
        found = of_cell(launches)
        if found is not None:
            rows.append(dict(zip(by, key)) | found)
    table = pd.DataFrame(rows, columns=None if rows else by)
    return table.astype({"line": measured["line"].dtype})


def varies(trials: pd.DataFrame, axis: str) -> bool:
    """Whether some system was measured at two values of the axis or more."""
    return bool((trials.groupby("system")[axis].nunique(dropna=False) > 1).any())


def headings_of(run: Run, cells: pd.DataFrame, always: Sequence[str] = ()) -> dict[str, str]:
    """
    Of the columns that tell a table's rows apart: the line, every condition that varies, and
    `always`.
    """
    told = {
        field: axis.label + HEADING_NOTES.get(field, "")
        for field, axis in conditions_of(run).items()
        if field in always or cells[field].nunique(dropna=False) > 1
    }
    return {"line": "system"} | told


def is_relayed(trial: pd.Series) -> bool:
    """Whether tasks pass through another process between their client and their worker."""
    topology = trial.get("topology")
    if topology is None:  # of runs from before that axis
        return trial["transport"] in ("rest", "ws")
    return topology in ("front", "relayed")


def computing(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows whose workers compute all the time, and so compete for the cores."""
    return rows[rows["service_ms"] == 0]


def cores_of_workers(run: Run, rows: pd.DataFrame) -> int:
    """
    How many cores the workers of these rows may use, by the rule of the harness
    (experiment/placement.ts); where placements differ, the fewest.
    """
    cores = run.cores // 2 if run.experiment.get("duet", False) else run.cores
    left = {"free": cores, "apart": max(1, cores - 2), "together": 1}
    pins = rows["pin"].unique() if "pin" in rows else ()
    return min((left[pin] for pin in pins), default=cores)


def panels_of(run: Run, rows: pd.DataFrame, x: str | None) -> list[Panel]:
    """One panel for each combination of values of the conditions but `x`, a few of each."""
    others = (field for field in conditions_of(run) if field != x)
    axes = [field for field in others if rows[field].nunique(dropna=False) > 1]
    most = MOST_OF_ONE if len(axes) == 1 else MOST_PANELS
    for axis in axes:
        keep = cores_of_workers(run, rows) if axis == "workers" else None
        # In a series NaN is like NaN, and in a list it is not.
        rows = rows[rows[axis].isin(pd.Series(telling_values(rows[axis], keep, most)))]
    if not axes:
        return [Panel("", rows)]
    values = rows[axes].drop_duplicates().sort_values(axes)
    return [
        Panel(
            ", ".join(in_words(run.axes[axis], value) for axis, value in zip(axes, key)),
            rows.merge(values.iloc[[i]]),
        )
        for i, key in enumerate(values.itertuples(index=False))
    ]


def telling_values(values: pd.Series, keep: float | None = None, most: int = MOST_PANELS) -> list:
    """All values where they are few; else the ends, `keep`, and those evenly between."""
    every = sorted(values.unique(), key=lambda value: (pd.isna(value), value))
    if len(every) <= most:
        return every
    places = {round(i * (len(every) - 1) / (most - 1)) for i in range(most)}
    chosen = [every[place] for place in sorted(places)]
    if keep in every and keep not in chosen:
        chosen[1] = keep
    return sorted(chosen)


def in_words(axis: Axis, value: Any) -> str:
    """`4 workers`, `n = 128`: a value of an axis, as titles and captions say it."""
    if axis.field in WORDS:
        return WORDS[axis.field](value)
    words = f"{value:g}" if isinstance(value, float) else str(value)
    return f"{axis.title} {words}" if axis.unit is None else f"{axis.title} {words} {axis.unit}"


def seconds(ms: float) -> str:
    """`100 ms`, `1 s`."""
    return f"{ms:g} ms" if ms < 1000 else f"{ms / 1000:g} s"


# Where a title and a number would not do.
WORDS: dict[str, Callable[[Any], str]] = {
    "workers": lambda value: "1 worker" if value == 1 else f"{value:g} workers",
    "n": lambda value: f"n = {value:g}",
    "in_flight": lambda value: (
        "one in flight per worker" if pd.isna(value) else f"{value:g} in flight"
    ),
    "rate_per_s": lambda value: f"{value:g} requests/s",
    "service_ms": lambda value: f"tasks of {seconds(value)}" if value else "no service time",
    "split": lambda value: {
        "none": "not split",
        "rows": "split into rows",
        "grid": "split into a grid",
    }.get(value, f"split {value}"),
    "values": lambda value: {"real": "real values", "integer": "integer values"}.get(value, value),
}
