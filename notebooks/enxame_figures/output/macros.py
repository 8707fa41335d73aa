"""The numbers of a run as LaTeX macros, so that none is copied into prose by hand."""

from __future__ import annotations

from collections.abc import Iterator

from enxame_figures.output.latex import with_unit
from enxame_figures.plots.costs import RATIOS
from enxame_figures.run import Run

DEFINITIONS = r"""
\providecommand{\enxameset}[5]{%
  \expandafter\gdef\csname enxame/#1/#2/#3\endcsname{#4}%
  \expandafter\gdef\csname enxame/#1/#2/#3/interval\endcsname{#5}}
\providecommand{\enxameget}[1]{\ifcsname enxame/#1\endcsname\csname enxame/#1\endcsname\else
  \PackageError{enxame}{There is no number \detokenize{#1}}{numbers.tex lists all of them.}\fi}
\providecommand{\enxamevalue}[3]{\enxameget{#1/#2/#3}}
\providecommand{\enxameinterval}[3]{\enxameget{#1/#2/#3/interval}}
\providecommand{\enxamelaunches}[2]{\enxameget{#1/#2/launches}}
\providecommand{\enxame}[3]{\enxamevalue{#1}{#2}{#3} \enxameinterval{#1}{#2}{#3}}
""".strip()


def macros_of(run: Run) -> str:
    """
    A file that defines `\\enxame{experiment}{cell}{measure}`, which prints the estimate with its
    unit and its interval, for every estimate of the run's summary and of its ratios.
    """
    name = run.experiment["name"]
    lines = [
        f"% Numbers of run {run.run_id}, commit {run.commit}, sha256:{run.source_sha256}",
        rf"% \enxame{{{name}}}{{CELL}}{{MEASURE}}: value and 95 % interval over launches;",
        r"% \enxamevalue and \enxameinterval: one of them. They need siunitx.",
        DEFINITIONS,
    ]
    for row in run.summary:
        named = f"enxame/{name}/{row['cell']}/launches"
        lines.append(rf"\expandafter\gdef\csname {named}\endcsname{{{row['launches']}}}")
    for cell, measure, told in _estimates(run):
        value, interval = with_unit(told, measure)
        lines.append(rf"\enxameset{{{name}}}{{{cell}}}{{{measure}}}{{{value}}}{{{interval}}}")
    return "\n".join([*lines, ""])


def _estimates(run: Run) -> Iterator[tuple[str, str, dict]]:
    """What is estimated of each cell and of each two, by its name, as the harness has it."""
    for cell in run.summary:
        for measure, told in cell.items():
            if isinstance(told, dict) and told.get("value") is not None:
                yield cell["cell"], measure, told
    pairs = {(told["cell"], told["over"]): told for told in _ratios(run)}
    for (cell, over), told in pairs.items():
        for ratio in RATIOS:
            if ratio in told:
                yield f"{cell} over {over}", ratio, told[ratio]


def _ratios(run: Run) -> list[dict]:
    return [*(run.contrasts or []), *(run.comparisons or [])]
