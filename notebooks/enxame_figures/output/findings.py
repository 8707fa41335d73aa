"""Pages whose tables and numbers come from the reference runs."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import jinja2
import pandas as pd

from enxame_figures.estimates import Estimate
from enxame_figures.figures import draw
from enxame_figures.output import numbers
from enxame_figures.output.drawing import LeftOut
from enxame_figures.output.facts import Facts
from enxame_figures.output.files import write_whole
from enxame_figures.output.numbers import number
from enxame_figures.output.probed import (
    Footprint,
    Isolation,
    Orchestration,
    Overshoot,
    Portability,
)
from enxame_figures.phases import share
from enxame_figures.run import RESULTS, load_run

REFERENCE = RESULTS / "reference"
ROOT = RESULTS.parent
DOCS = ROOT / "docs"
# By the template that they are made from.
PAGES = {
    ROOT / "README.md.jinja": ROOT / "README.md",
    DOCS / "findings.md.jinja": DOCS / "findings.md",
    DOCS / "outside.md.jinja": DOCS / "outside.md",
    REFERENCE / "README.md.jinja": REFERENCE / "README.md",
}
# The figures that they show, by the run that they are drawn of.
SHOWN = {
    "origin": "origin",
    "scaling": "scaling",
    "ablation": "ablation",
    "overhead": "waterfall",
    "faults": "faults",
    "outside": "engines",
}

sys.path.append(str(DOCS / "check"))
from wrapping import wrapped  # noqa: E402


def render(reference: Path = REFERENCE) -> dict[Path, str]:
    """The pages by their paths, from their templates and the runs in that folder."""
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    filters = {"n": number_of, "pm": plus_minus, "ci": interval, "pct": percent}
    environment.filters |= filters | {"share": share_of}
    runs = {path.parent.name: Facts(path.parent) for path in reference.glob("*/manifest.json")}
    names = {name.replace("-", "_"): facts for name, facts in runs.items()}
    every = [runs[name] for name in sorted(runs)]
    given = {"every": every, "column": column, "share_in": share_in, "worst": worst, "harm": harm}
    given["megabytes"] = megabytes_in(reference)
    probed = reference / "benchmarks"
    given["isolation"] = Isolation(probed / "isolation.json")
    given["overshoot"] = Overshoot(probed / "overshoot.json")
    given["footprint"] = Footprint(probed / "footprint.json")
    given["portability"] = Portability(probed / "portability.json")
    given["orchestration"] = Orchestration(probed / "orchestrate.json")
    return {
        page: wrapped(environment.from_string(template.read_text()).render(given, **names))
        for template, page in PAGES.items()
    }


def megabytes_in(folder: Path) -> int:
    """To the next 5: what is written about them is a part of it."""
    sizes = (path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return 5 * round(sum(sizes) / 5e6)


def draw_shown(out: Path) -> list[Path]:
    """Draws the figures that the pages show into that folder, as PNG."""
    paths = []
    for name, figure in SHOWN.items():
        with TemporaryDirectory() as scratch:
            saved = draw(load_run(REFERENCE / name, Path(scratch)), figure)
        if isinstance(saved, LeftOut):
            raise ValueError(f"{name} has no figure {figure}: {saved.reason}")
        paths.append(out / f"{figure}.png")
        write_whole(paths[-1], saved.png)
    return paths


def worst(runs: list[Facts], result: str) -> float:
    """The largest value that any valid trial of any of the runs has."""
    return max(facts.worst(result) for facts in runs)


def column(row: pd.Series, measure: str) -> Estimate:
    """An estimate of a row of a table."""
    return Estimate(row[measure], row[f"{measure}_low"], row[f"{measure}_high"])


def share_in(row: pd.Series, phase: str) -> Estimate:
    """A phase's share of the response time, of a row of Facts.phases."""
    return column(row, share(phase))


def harm(effects: dict | None) -> str:
    """
    `2; 1.3` of `fault_effects`: requests that were lost, and seconds until throughput was back, of
    which `never` was in the measured time of some launch; `–` where the plan cannot be.
    """
    if effects is None:
        return "–"
    took_s = effects["recovered_s"]
    return f"{effects['lost']}; {'never' if took_s is None else f'{took_s:.1f}'}"


def number_of(value: Estimate | float) -> str:
    """To three digits, without an interval: of what is counted, set or the extreme of many."""
    return number(float(value.value if isinstance(value, Estimate) else value))


def percent(value: Estimate | float) -> str:
    """`2.9 %` of a share, with its interval, where it has one: `2.9 [2.7–3.1] %`."""
    if isinstance(value, Estimate):
        return f"{interval(value.times(100))} %"
    return f"{float(f'{100 * value:.2g}'):g} %"


def share_of(estimate: Estimate) -> str:
    """`43 ± 12` of a share in %, as exactly as its error allows."""
    return numbers.with_error(estimate.value, estimate.low, estimate.high, most_decimals=1)


def plus_minus(estimate: Estimate) -> str:
    """`17.4 ± 0.3`, half of the interval; `–` of what is not known."""
    return numbers.with_error(estimate.value, estimate.low, estimate.high)


def interval(estimate: Estimate) -> str:
    """`17.4 [17.1–17.8]`; `–` of what is not known."""
    return numbers.interval(estimate.value, estimate.low, estimate.high)
