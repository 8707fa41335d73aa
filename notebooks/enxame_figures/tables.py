"""Tables of what figures show: CSV for programs, Markdown and LaTeX for people."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd
from tabulate import tabulate

from enxame_figures.files import write_whole


@dataclass(frozen=True)
class Table:
    """
    Rows with a column per value; an estimate has three, `<measure>`, `<measure>_low` and
    `<measure>_high`. `headings`: the columns for people, by name, in their order.
    """

    rows: pd.DataFrame
    headings: dict[str, str]

    @cached_property
    def for_people(self) -> pd.DataFrame:
        """Estimates in one column, `17.4 (17.1–17.8)`; a value that is not there is `–`."""
        columns = {}
        for name, heading in self.headings.items():
            if f"{name}_low" in self.rows:
                parts = (self.rows[column] for column in (name, f"{name}_low", f"{name}_high"))
                columns[heading] = [estimate(*row) for row in zip(*parts)]
            else:
                columns[heading] = [number(value) for value in self.rows[name]]
        return pd.DataFrame(columns)


def save(folder: Path, name: str, table: Table) -> list[Path]:
    """Writes `<name>.csv` with every column, `<name>.md` and `<name>.tex` with those for people."""
    csv = io.StringIO()
    table.rows.to_csv(csv, index=False, float_format="%.6g", lineterminator="\n")
    texts = {
        "csv": csv.getvalue(),
        "md": _render(table, "pipe"),
        "tex": _render(table, "latex_booktabs"),
    }
    paths = []
    for kind, text in texts.items():
        path = folder / f"{name}.{kind}"
        write_whole(path, (text if text.endswith("\n") else f"{text}\n").encode())
        paths.append(path)
    return paths


def html(table: Table) -> str:
    """As an HTML table."""
    return _render(table, "html")


def _render(table: Table, kind: str) -> str:
    look = {"tablefmt": kind, "showindex": False, "disable_numparse": True}
    return tabulate(table.for_people, headers="keys", **look)


def estimate(value: float, low: float, high: float) -> str:
    """`17.4 (17.1–17.8)`, without the bounds where they are not known."""
    if pd.isna(low) or pd.isna(value):
        return number(value)
    return f"{number(value)} ({number(low)}–{number(high)})"


def number(value: object) -> str:
    """Three digits, more before the point: `0.0123`, `17.4`, `8,570`; words stay as they are."""
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return "–"
    if isinstance(value, float) and not value.is_integer() and abs(value) < 1000:
        return f"{value:#.3g}".removesuffix(".")
    return f"{value:,.0f}"
