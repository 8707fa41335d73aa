"""The report of a run: one self-contained page."""

from __future__ import annotations

import base64
from pathlib import Path

import jinja2
import pandas as pd

from enxame_figures.estimates import columns_of, estimate_in
from enxame_figures.output.drawing import LeftOut, Saved, about_trials
from enxame_figures.output.numbers import number
from enxame_figures.output.tables import Table, html
from enxame_figures.run import Run

# Measures of summary.json, and their headings.
RESULTS = {
    "median_response_ms": "median response (ms)",
    "mean_response_ms": "mean response (ms)",
    "p95_response_ms": "p95 response (ms)",
    "throughput_per_s": "throughput (1/s)",
    "speed_up": "speed-up",
    "compute_share": "share of compute",
}
OTHER_LOAD = "other load, largest share of a launch"
TEMPLATE = Path(__file__).with_name("report.html.jinja")


def render(run: Run, figures: list[Saved | LeftOut]) -> str:
    """The page, of figures in its order. The same run and figures give the same text."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    drawn = [figure for figure in figures if isinstance(figure, Saved)]
    return environment.from_string(TEMPLATE.read_text()).render(
        run=run,
        summary=about_trials(run) if drawn else "no trial is valid",
        costs=next((figure for figure in drawn if figure.name == "costs"), None),
        results=_results(run),
        drawn=drawn,
        left_out=[figure for figure in figures if isinstance(figure, LeftOut)],
        figure_url=_figure_url,
        warnings=_warnings(run),
        invalid=_rows(run.invalid, ["trial", "verdict", "invalid_because"]),
        trials=len(run.trials),
        load=_load(run),
        machine=_machine(run),
    )


def _warnings(run: Run) -> list[str] | None:
    """The harness's sentences, but for those on invalid trials, which the page has a table of."""
    if run.warnings is None:
        return None
    return [told["text"] for told in run.warnings if told["kind"] != "invalid-trial"]


def _figure_url(figure: Saved) -> str:
    """The drawing as a data URL; as an image, its identifiers cannot clash with another's."""
    return "data:image/svg+xml;base64," + base64.b64encode(figure.svg).decode()


def _results(run: Run) -> str:
    """The harness's own summary as an HTML table; empty where the run was killed before it."""
    rows = []
    for cell in run.summary:
        row = {"cell": cell["cell"], "launches": cell["launches"]}
        for measure in RESULTS:
            row |= columns_of(measure, estimate_in(cell.get(measure)))
        rows.append(row | {"other": _percent(cell.get("worst_other_share")), "notes": _notes(cell)})
    headings = {"cell": "cell", "launches": "launches", **RESULTS}
    headings |= {"other": OTHER_LOAD, "notes": "notes"}
    return html(Table(pd.DataFrame(rows), headings)) if rows else ""


def _percent(share: float | None) -> str:
    return number(None) if share is None else f"{100 * share:.1f} %"


def _notes(cell: dict) -> str:
    """The notes on a cell in the harness's table."""
    notes = ["oversubscribed"] if cell["oversubscribed"] else []
    if cell.get("service_ms", 0) > 0:
        notes.append(f"service time {cell['service_ms']} ms")
    if cell.get("non_default_browser", False):
        notes.append("non-default browser flags")
    return ", ".join(notes)


def _rows(trials: pd.DataFrame, columns: list[str]) -> list[dict]:
    return [] if trials.empty else trials[columns].to_dict("records")


def _flagged(run: Run) -> str:
    """The arguments of browsers that were told more than a user's, since one without was asked."""
    if "browser_arguments" not in run.trials:
        return ""
    flagged = run.trials[run.trials["browser_flags"] != "none"]
    told = {" ".join(arguments) for arguments in flagged["browser_arguments"].dropna()}
    return "; ".join(sorted(told))


def _load(run: Run) -> str:
    if run.is_open:
        return f"open, {run.experiment['load']['arrivals']} arrivals"
    return "closed: each request is submitted when the previous one has ended"


def _machine(run: Run) -> dict[str, str]:
    """What the run ran on, in words; what could not be found out is left out."""
    told = run.environment
    limits = told["cgroup"]
    known = {
        "processor": told["cpu"],
        "cores": str(told["cores"]),
        "memory": f"{told['memory_bytes'] / 2**30:.1f} GiB",
        "limits": ", ".join(f"{name}: {number(v)}" for name, v in limits.items() if v is not None),
        "virtual machine": ("yes" if told["virtual_machine"] else "no"),
        "machine": told["machine"],
        "system": ", ".join(filter(None, [told["os"], told["kernel"]])),
        "governor": told["governor"],
        "turbo": {True: "on", False: "off", None: None}[told["turbo"]],
        "load average before": f"{told['load_average']:g}",
        "build flags": told["build_flags"],
        "browser's command line": " ".join(told["browser_command_line"] or []),
    }
    known |= {"browser, with non-default flags": _flagged(run)}
    known |= told["versions"]
    known |= {f"SHA-256 of {name}": digest for name, digest in told["wasm_sha256"].items()}
    return {name: value for name, value in known.items() if value}
