"""A finished figure: its files, its words, and how Jupyter and the report show it."""

from __future__ import annotations

import base64
import io
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import matplotlib
import pandas as pd
from matplotlib.figure import Figure

from enxame_figures import style, tables
from enxame_figures.axes import AXES, NotForThisRun, in_words
from enxame_figures.files import write_whole
from enxame_figures.run import DEFAULTS, Run

# The kind of output in which a notebook hands a drawing to the report.
MIME = "application/vnd.enxame.drawing+json"
# Characters that a footer has room for, per inch.
FOOTER_CHARACTERS_PER_IN = 24


@dataclass(frozen=True)
class Drawing:
    """A figure, with the caption that explains it and the tables of what it shows."""

    name: str
    title: str
    caption: str
    figure: Figure
    # By the name of their files.
    shown: dict[str, tables.Table] = field(default_factory=dict)


@dataclass(frozen=True)
class Shown:
    """What a notebook's cell ends with: a drawing that was saved, or why there is none."""

    bundle: dict

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict:
        told = self.bundle
        if "left_out" in told:
            return {"text/plain": f"left out: {told['left_out']}", MIME: told}
        return {"text/plain": told["caption"], "image/png": told["png"], MIME: told}


def show(run: Run, name: str, draw: Callable[[Run], Drawing]) -> Shown:
    """Draws and saves a figure of the run, unless it would say nothing about this one."""
    try:
        drawing = draw(run)
    except NotForThisRun as reason:
        return Shown({"name": name, "left_out": str(reason)})
    if drawing.name != name:
        raise ValueError(f"the drawing is called {drawing.name!r}; expected {name!r}")
    style.footer(drawing.figure, _footer(run, drawing.figure))
    files = save(run, drawing)
    described = {
        "name": name,
        "title": drawing.title,
        "caption": drawing.caption,
        "width_in": drawing.figure.get_figwidth(),
        "files": [str(path.relative_to(run.out)) for path in files],
        "tables": {key: tables.html(table) for key, table in drawing.shown.items()},
        "svg": files[1].read_text(),
        "png": base64.b64encode(files[0].read_bytes()).decode(),
    }
    return Shown(described)


def save(run: Run, drawing: Drawing) -> list[Path]:
    """
    Writes the drawing into figures/ of the run's `out` as PNG, SVG and PDF, and its tables as CSV, Markdown
    and LaTeX. Each figure carries the run, its commit and the hash of what it was drawn from; the
    same run gives the same bytes.
    """
    folder = run.out / "figures"
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{drawing.name}.{kind}" for kind in ("png", "svg", "pdf")]
    about = f"run {run.run_id}, commit {run.commit}, drawn from sha256:{run.source_sha256}"
    title = f"Enxame: {drawing.title}"
    # No dates, and no random names. Text stays text, in fonts that publishers accept (not Type 3).
    same = {"svg.fonttype": "none", "svg.hashsalt": run.source_sha256, "pdf.fonttype": 42}
    same |= {"hatch.linewidth": 0.5}
    metadata = [
        {"Title": title, "Description": about},
        {"Title": title, "Description": about, "Date": None},
        {"Title": title, "Subject": about, "CreationDate": None},
    ]
    with matplotlib.rc_context(same):
        # Once for all files, which costs more than to write one, and then they are alike.
        drawing.figure.draw_without_rendering()
        drawing.figure.set_layout_engine("none")
        for path, of_kind in zip(paths, metadata):
            _write(path, drawing.figure, of_kind)
    for name, table in drawing.shown.items():
        paths += tables.save(folder, name, table)
    return paths


def _write(path: Path, figure: Figure, metadata: dict) -> None:
    content = io.BytesIO()
    figure.savefig(content, format=path.suffix[1:], dpi=300, metadata=metadata)
    write_whole(path, content.getvalue())


def about_trials(run: Run) -> str:
    """
    What the figures of a run rest on: `n = 128, 10 s per trial, 3 launches; 2 of 36 trials …`.
    """
    valid = run.valid
    words = []
    for axis in AXES:
        values = valid[axis].unique()
        told = axis in ("workers", "n") or values[0] != DEFAULTS.get(axis, values[0])
        if len(values) == 1 and told and pd.notna(values[0]):
            words.append(in_words(axis, values[0]))
    words.append(f"{run.experiment['repetition']['duration_s']:g} s per trial")
    launches = valid.groupby("cell").size()
    fewest, most = launches.min(), launches.max()
    noun = "launch" if most == 1 else "launches"
    words.append(f"{most} {noun}" if fewest == most else f"{fewest} to {most} launches")
    words.append("95 % intervals over launches" if most > 1 else "so no intervals")
    text = ", ".join(words)
    bad = len(run.invalid)
    if bad:
        text += f"; {bad} of {len(valid) + bad} trials invalid and not drawn"
    return text


def _footer(run: Run, figure: Figure) -> str:
    commit = run.commit[:10] + (" (dirty)" if run.commit.endswith("(dirty)") else "")
    cores = "1 core" if run.cores == 1 else f"{run.cores} cores"
    # A number stays with what it counts.
    about = re.sub(r"(?<=\d) (?=\S)", "\N{NO-BREAK SPACE}", f"{about_trials(run)}; {cores}")
    width = int(figure.get_figwidth() * FOOTER_CHARACTERS_PER_IN)
    return "\n".join([*textwrap.wrap(about, width), f"run {run.run_id}, commit {commit}"])
