"""Figures of a run, drawn from its files alone.

A run is a folder that ./run-experiment made; results/README.md describes its files. Everything here
takes what it needs as arguments, so that a notebook stays a few lines and the tests need none.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter
from scipy import stats

RESULTS = Path(__file__).resolve().parent.parent / "results"

# Colours that the colour-blind can tell apart (Okabe and Ito, https://jfly.uni-koeln.de/color/),
# each with a marker of its own for print without colour.
STYLES = [("#0072B2", "o"), ("#D55E00", "s"), ("#009E73", "^"), ("#CC79A7", "D"), ("#E69F00", "v")]


@dataclass(frozen=True)
class Run:
    """The files of one run. `trials` has a row per trial, valid or not, in the order they ran."""

    path: Path
    manifest: dict
    environment: dict
    trials: pd.DataFrame

    @property
    def run_id(self) -> str:
        return self.manifest["run_id"]

    @property
    def cores(self) -> int:
        return self.environment["cores"]

    @property
    def systems(self) -> list[str]:
        """The names of the systems in the order in which the experiment lists them."""
        return [system["name"] for system in self.manifest["experiment"]["systems"]]


def find_run(results: Path = RESULTS) -> Path:
    """The run folder that ENXAME_RUN names, or else the newest one in `results`."""
    named = os.environ.get("ENXAME_RUN")
    if named:
        return Path(named)
    runs = sorted(path.parent for path in results.glob("*/manifest.json"))
    if not runs:
        raise FileNotFoundError(f"no run in {results}: make one with ./run-experiment")
    return runs[-1]


def load_run(path: Path) -> Run:
    """Reads a run folder, also one whose harness was killed while it wrote."""
    text = (path / "trials.jsonl").read_text()
    # What follows the last line break is empty, or a row of which only a part was written.
    rows = [json.loads(line) for line in text.split("\n")[:-1]]
    return Run(
        path=path,
        manifest=json.loads((path / "manifest.json").read_text()),
        environment=json.loads((path / "environment.json").read_text()),
        trials=pd.json_normalize(rows),
    )


def read_measured_samples(run: Run, samples_file: str) -> pd.DataFrame:
    """The requests of a trial that ended well within its measured time."""
    samples = pd.read_csv(run.path / samples_file)
    return samples[(samples["stage"] == "measured") & (samples["outcome"] == "ok")]


def measure_trials(run: Run) -> pd.DataFrame:
    """Throughput, and median and p95 response time, of each valid trial, from its raw samples."""
    if run.trials.empty or not run.trials["valid"].any():
        raise ValueError(f"run {run.run_id} has no valid trial, so there is nothing to draw")
    rows = []
    for _, trial in run.trials[run.trials["valid"]].iterrows():
        response_ms = read_measured_samples(run, trial["samples_file"])["response_ms"]
        rows.append(
            {
                "system": trial["system"],
                "workers": trial["workers"],
                "launch": trial["launch"],
                "throughput_per_s": len(response_ms) / trial["results.measured_s"],
                "median_response_ms": response_ms.quantile(0.5),
                "p95_response_ms": response_ms.quantile(0.95),
            }
        )
    return pd.DataFrame(rows)


def over_launches(measured: pd.DataFrame) -> pd.DataFrame:
    """The mean of each measure over the launches of a cell, with its 95 % interval by Student's t.

    Columns `<measure>`, `<measure>_low` and `<measure>_high`; the bounds are NaN with one launch.
    https://www.itl.nist.gov/div898/handbook/eda/section3/eda352.htm
    """
    measures = [c for c in measured.columns if c not in ("system", "workers", "launch")]

    def summarise(cell: pd.DataFrame) -> pd.Series:
        launches = len(cell)
        result: dict[str, float] = {"launches": launches}
        for measure in measures:
            mean = cell[measure].mean()
            half = np.nan
            if launches > 1:
                half = stats.t.ppf(0.975, launches - 1) * cell[measure].sem()
            result |= {measure: mean, f"{measure}_low": mean - half, f"{measure}_high": mean + half}
        return pd.Series(result)

    cells = measured.groupby(["system", "workers"], sort=True).apply(summarise)
    return cells.reset_index()


def draw_scaling(run: Run, cells: pd.DataFrame) -> Figure:
    """Response time and throughput against workers, a line per system."""
    figure = Figure(figsize=(7.2, 3.9), layout="constrained")
    grid = figure.add_gridspec(2, 2, height_ratios=[1, 14])
    legend = figure.add_subplot(grid[0, :])
    response, throughput = figure.add_subplot(grid[1, 0]), figure.add_subplot(grid[1, 1])
    for system, (colour, marker) in zip(run.systems, STYLES * len(run.systems)):
        of_system = cells[cells["system"] == system]
        line = {"color": colour, "marker": marker, "markersize": 4.5, "linewidth": 1.6}
        _draw_line(response, of_system, "median_response_ms", line | {"label": system})
        p95 = line | {"linestyle": (0, (2, 1.5)), "linewidth": 1.0, "markersize": 0}
        _draw_line(response, of_system, "p95_response_ms", p95)
        _draw_line(throughput, of_system, "throughput_per_s", line)

    _finish_axes(response, cells, run.cores, ["median_response_ms", "p95_response_ms"])
    response.set_title("Response time (ms): median solid, p95 dashed", fontsize=9, loc="left")
    _finish_axes(throughput, cells, run.cores, ["throughput_per_s"])
    throughput.set_title("Throughput (tasks per second)", fontsize=9, loc="left")
    legend.axis("off")
    entries = response.get_legend_handles_labels()
    legend.legend(*entries, loc="center", ncols=len(run.systems), frameon=False, fontsize=9)
    figure.supxlabel(_caption(run, cells), fontsize=7, color="0.35")
    return figure


def save_figure(run: Run, figure: Figure, name: str) -> list[Path]:
    """Writes the figure into the run's folder as PNG and SVG, with the run's id in their metadata."""
    folder = run.path / "figures"
    folder.mkdir(exist_ok=True)
    title = f"Enxame: {name}"
    description = f"run {run.run_id}, commit {run.manifest['git']['commit']}"
    paths = [folder / f"{name}.png", folder / f"{name}.svg"]
    figure.savefig(paths[0], dpi=200, metadata={"Title": title, "Description": description})
    # Text stays text, and the same run gives the same file.
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": run.run_id}):
        figure.savefig(
            paths[1], metadata={"Title": title, "Description": description, "Date": None}
        )
    return paths


def _draw_line(axes: Axes, cells: pd.DataFrame, measure: str, style: dict) -> None:
    axes.plot(cells["workers"], cells[measure], **style)
    low, high = cells[f"{measure}_low"], cells[f"{measure}_high"]
    axes.fill_between(cells["workers"], low, high, color=style["color"], alpha=0.15, linewidth=0)


def _finish_axes(axes: Axes, cells: pd.DataFrame, cores: int, measures: list[str]) -> None:
    most = cells["workers"].max()
    margin = max(0.3, most * 0.03)
    axes.set_xlim(1 - margin, most + margin)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.set_xlabel("workers", fontsize=9)
    axes.tick_params(labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="0.9", linewidth=0.6)
    axes.set_axisbelow(True)
    _scale_y(axes, cells[measures].to_numpy())
    _mark_cores(axes, cores, most)


def _scale_y(axes: Axes, values: np.ndarray) -> None:
    """Logarithmic where one line would flatten the others, from zero where not."""
    if np.nanmax(values) <= 8 * np.nanmin(values):
        axes.set_ylim(0, np.nanmax(values) * 1.15)
        return
    axes.set_yscale("log")
    axes.set_ylim(np.nanmin(values) / 1.5, np.nanmax(values) * 2)
    decades = np.log10(np.nanmax(values) / np.nanmin(values))
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if decades < 2.5 else (1,)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def _mark_cores(axes: Axes, cores: int, most_workers: int) -> None:
    right = axes.get_xlim()[1]
    if cores >= right:
        return
    axes.axvline(cores, color="0.4", linestyle="--", linewidth=0.9)
    noun = "core" if cores == 1 else "cores"
    place = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points", "va": "top"}
    if most_workers > cores:
        axes.axvspan(cores, right, color="0.5", alpha=0.10, linewidth=0)
        text = f"{cores} {noun} | time-slicing"
    else:
        text = f"{cores} {noun}"
    axes.annotate(text, (cores, 1), (3, -2), fontsize=7, color="0.3", **place)


def _caption(run: Run, cells: pd.DataFrame) -> str:
    experiment = run.manifest["experiment"]
    launches = int(cells["launches"].max())
    intervals = "bands: 95 % interval over launches" if launches > 1 else "no interval"
    noun = "launch" if launches == 1 else "launches"
    commit = (run.manifest["git"]["commit"] or "none")[:10]
    return (
        f"n = {experiment['n']}, {experiment['duration_s']:g} s per trial, {launches} {noun} "
        f"({intervals}), {run.cores} cores\nrun {run.run_id}, commit {commit}"
    )
