"""A finished figure: its files and its words."""

from __future__ import annotations

import io
import re
import textwrap
from dataclasses import dataclass, field
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from enxame_figures import style
from enxame_figures.axes import conditions_of, in_words
from enxame_figures.output import latex, tables
from enxame_figures.output.files import write_whole
from enxame_figures.run import Run

# Of a PNG.
DOTS_PER_IN = 300
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
class Saved:
    """A drawing whose files are written, as pages and notebooks show it."""

    name: str
    title: str
    caption: str
    width_in: float
    # Within the folder for what is drawn.
    files: list[Path]
    # As HTML, by the name of their files.
    tables: dict[str, str]
    svg: bytes
    png: bytes


@dataclass(frozen=True)
class LeftOut:
    """Why there is no figure of that name, as a sentence."""

    name: str
    reason: str


def save(run: Run, drawing: Drawing) -> Saved:
    """
    Writes the drawing into figures/ of the run's `out` as PNG, SVG and PDF, what places it in a
    paper, and its tables as CSV, Markdown and LaTeX. Each figure carries the run, its commit and
    the hash of what it was drawn from; the same run gives the same bytes.
    """
    figure = drawing.figure
    style.footer(figure, _footer(run, figure))
    folder = run.out / "figures"
    folder.mkdir(exist_ok=True)
    images = _render(run, drawing)
    paths = []
    for kind, content in images.items():
        paths.append(folder / f"{drawing.name}.{kind}")
        write_whole(paths[-1], content)
    paths.append(folder / f"fig-{drawing.name}.tex")
    placed = latex.figure(
        drawing.name, f"{drawing.title}. {drawing.caption}", figure.get_figwidth()
    )
    write_whole(paths[-1], placed.encode())
    for name, table in drawing.shown.items():
        paths += tables.save(folder, name, table, drawing.title)
    return Saved(
        name=drawing.name,
        title=drawing.title,
        caption=drawing.caption,
        width_in=figure.get_figwidth(),
        files=[path.relative_to(run.out) for path in paths],
        tables={name: tables.html(table) for name, table in drawing.shown.items()},
        svg=images["svg"],
        png=images["png"],
    )


def _render(run: Run, drawing: Drawing) -> dict[str, bytes]:
    """The figure in each of the formats, by their names."""
    figure = drawing.figure
    about = f"run {run.run_id}, commit {run.commit}, drawn from sha256:{run.source_sha256}"
    title = f"Enxame: {drawing.title}"
    # No dates, and no random names. Text stays text, in fonts that publishers accept (not Type 3).
    same = {"svg.fonttype": "none", "svg.hashsalt": run.source_sha256, "pdf.fonttype": 42}
    same |= {"hatch.linewidth": 0.5}
    png, svg, pdf = io.BytesIO(), io.BytesIO(), io.BytesIO()
    with matplotlib.rc_context(same):
        # Once for all formats, which costs more than to write one, and then they are alike.
        figure.get_layout_engine().execute(figure)
        figure.set_layout_engine("none")
        for axes in figure.axes:
            # The layout's last digits depend on where its variables lie in memory.
            axes.set_position([round(share, 6) for share in axes.get_position().bounds])
        # By the canvases themselves: Figure.savefig draws everything twice.
        figure.set_dpi(72)
        about_it = {"Title": title, "Description": about, "Date": None}
        FigureCanvasSVG(figure).print_svg(svg, metadata=about_it)
        about_it = {"Title": title, "Subject": about, "CreationDate": None}
        FigureCanvasPdf(figure).print_pdf(pdf, metadata=about_it)
        figure.set_dpi(DOTS_PER_IN)
        _write_png(figure, png, {"Title": title, "Description": about})
    return {"png": png.getvalue(), "svg": svg.getvalue(), "pdf": pdf.getvalue()}


def _write_png(figure: Figure, file: io.BytesIO, about: dict[str, str]) -> None:
    """As FigureCanvasAgg.print_png, but without transparency, and packed in half of the time."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    words = PngInfo()
    for name, text in about.items():
        words.add_text(name, text)
    image = Image.fromarray(np.asarray(canvas.buffer_rgba())[:, :, :3])
    image.save(file, "png", pnginfo=words, dpi=(DOTS_PER_IN, DOTS_PER_IN), compress_level=3)


def about_trials(run: Run) -> str:
    """
    What the figures of a run rest on: `n = 128, 10 s per trial, 3 launches; 2 of 36 trials …`.
    """
    valid = run.valid
    words = []
    for axis, about in conditions_of(run).items():
        values = valid[axis].unique()
        told = axis in ("workers", "n") or about.default not in (None, values[0])
        if len(values) == 1 and told and pd.notna(values[0]):
            words.append(in_words(about, values[0]))
    repetition = run.experiment["repetition"]
    most = repetition["samples"]
    bound = f"{repetition['duration_s']:g} s"
    words.append(f"{bound} per trial" if most is None else f"{bound} or {most} requests per trial")
    launches = valid.groupby("cell").size()
    fewest, most = launches.min(), launches.max()
    noun = "launch" if most == 1 else "launches"
    words.append(f"{most} {noun}" if fewest == most else f"{fewest} to {most} launches")
    words.append("95 % intervals over launches" if most > 1 else "hence no intervals")
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
