#!/usr/bin/python3
"""
report.py RUN: has the notebooks draw the figures and tables of a run, and writes report.html into
its folder. Prints the path of every file that it wrote, the page first. Reads and writes nothing of
the user's Jupyter, IPython and matplotlib.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
# In the order of the report.
NOTEBOOKS = ["costs", "walk", "waterfall", "scaling", "sizes", "speed-up", "splitting"]
NOTEBOOKS += ["service-time", "saturation", "distributions"]
# A notebook that takes longer is stuck.
DEADLINE_S = 900


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="report.py",
        description="Draws the figures of a run and writes its report.html.",
        epilog="example: notebooks/report.py results/20250131T235959Z-1a2b3c",
    )
    parser.add_argument("run", type=Path, help="the folder of a run")
    run = parser.parse_args().run.resolve()
    if not (run / "manifest.json").exists():
        parser.error(f"{run}: no manifest.json; expected the folder of a run")
    # As exceptions, so that kernel and temporary files go.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda number, _: sys.exit(128 + number))
    with tempfile.TemporaryDirectory(prefix="enxame-report-") as scratch:
        keep_apart(Path(scratch), run)
        try:
            paths = report(run, Path(scratch))
        except asyncio.CancelledError:  # what Jupyter's client makes of Ctrl-C and SIGTERM
            return 128 + signal.SIGINT
        except (ValueError, FileNotFoundError) as error:
            print(f"report.py: {error}", file=sys.stderr)
            return 1
    print(*paths, sep="\n")
    return 0


def keep_apart(scratch: Path, run: Path) -> None:
    """
    Gives Jupyter, IPython and matplotlib, here and in the kernel, folders that go away with us.
    """
    for name in ("JUPYTER_PATH", "JUPYTER_CONFIG_PATH", "MATPLOTLIBRC", "MPLBACKEND"):
        os.environ.pop(name, None)
    own = {
        "IPYTHONDIR": "ipython",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "MPLCONFIGDIR": "matplotlib",
    }
    os.environ |= {name: str(scratch / folder) for name, folder in own.items()}
    os.environ |= {"ENXAME_RUN": str(run), "PYTHONNOUSERSITE": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    os.environ[
        "PYDEVD_DISABLE_FILE_VALIDATION"
    ] = "1"  # the kernel's debugger, which warns otherwise
    sys.dont_write_bytecode = True


def report(path: Path, scratch: Path) -> list[Path]:
    """Executes the notebooks and writes the page; returns the paths of what was written."""
    # Only now: Jupyter reads its folders from the environment when it is imported.
    from enxame_figures.page import render
    from enxame_figures.run import load_run

    run = load_run(path)
    shown = execute(scratch) if run.trials.get("valid", []).any() else []
    page = path / "report.html"
    new = path / "report.html.new"
    new.write_text(render(run, shown))
    new.replace(page)
    return [page, *(path / file for bundle in shown for file in bundle.get("files", []))]


def execute(scratch: Path) -> list[dict]:
    """
    What each notebook showed. One kernel executes all of them, since to start one takes seconds.
    """
    import nbformat
    from jupyter_client import KernelManager
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    from enxame_figures.drawing import MIME

    # Sockets in a folder of ours rather than ports that others can see.
    kernel = KernelManager(transport="ipc", ip=str(scratch / "kernel"))
    # Should this program be killed without time to tidy up, the system ends the kernel.
    kernel.kernel_spec.argv[:0] = ["setpriv", "--pdeathsig", "KILL", "--"]
    shown = []
    try:
        for name in NOTEBOOKS:
            notebook = nbformat.read(HERE / f"{name}.ipynb", as_version=4)
            client = NotebookClient(
                notebook, km=kernel, timeout=DEADLINE_S, resources={"metadata": {"path": str(HERE)}}
            )
            try:
                client.execute(cleanup_kc=False)
            except CellExecutionError as error:
                raise ValueError(f"{name}.ipynb: {error.ename}: {error.evalue}") from error
            shown += [
                output["data"][MIME]
                for cell in notebook["cells"]
                for output in cell.get("outputs", [])
                if MIME in output.get("data", {})
            ]
    finally:
        if kernel.has_kernel:
            kernel.shutdown_kernel(now=True)
    return shown


if __name__ == "__main__":
    sys.exit(main())
