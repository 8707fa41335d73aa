#!/usr/bin/python3 -I
"""
report.py RUN: has the notebooks draw the figures and tables of a run, and writes report.html into
its folder, or that of --out. Prints the path of every file that it wrote, the page first. Reads and
writes nothing of the user's Python, Jupyter, IPython and matplotlib.
"""

from __future__ import annotations

import argparse
import asyncio
import errno
import os
import signal
import sys
import tempfile
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
# In the order of the report.
NOTEBOOKS = ["costs", "walk", "waterfall", "scaling", "sizes", "speed-up", "splitting"]
NOTEBOOKS += ["service-time", "saturation", "distributions"]
# A notebook that takes longer is stuck.
DEADLINE_S = 900
# Without PYTHONPATH and its like, packages in ~/.local, and files written next to the sources.
PYTHON = [sys.executable, "-I", "-B"]
# All that is kept of the user's environment, beside this project's own: much of the rest configures
# Python, the libraries and the loader.
KEPT = ("PATH", "TMPDIR")
KERNEL = f"import sys; sys.path.insert(0, {str(HERE)!r}); import runpy; "
KERNEL += 'runpy.run_module("ipykernel_launcher", run_name="__main__")'


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="report.py",
        description="Draws the figures of a run and writes its report.html.",
        epilog="example: notebooks/report.py results/20250131T235959Z-1a2b3c",
    )
    parser.add_argument("run", type=Path, help="the folder of a run")
    parser.add_argument("--out", type=Path, help="where to write (default: into that folder)")
    judged = "the folder of its warnings.json and comparisons.json (default: that of the run)"
    parser.add_argument("--judged", type=Path, help=judged)
    given = parser.parse_args()
    run, out = given.run.resolve(), (given.out or given.run).resolve()
    judged = (given.judged or given.run).resolve()
    if not (run / "manifest.json").exists():
        parser.error(f"{run}: no manifest.json; expected the folder of a run")
    # As exceptions, so that kernel and temporary files go.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda number, _: sys.exit(128 + number))
    try:
        with tempfile.TemporaryDirectory(prefix="enxame-report-") as scratch:
            keep_apart(Path(scratch), run, out, judged)
            try:
                paths = report(run, out)
            finally:
                os.chdir("/")  # the folder goes
        print(*paths, sep="\n", flush=True)
        return 0
    except asyncio.CancelledError:  # what Jupyter's client makes of Ctrl-C and SIGTERM
        return 128 + signal.SIGINT
    except Exception as error:
        traceback.print_exc()
        print(f"report.py: {in_words(error)}", file=sys.stderr)
        return 1


def in_words(error: Exception) -> str:
    """One line, with what to do where the reason is known."""
    if isinstance(error, PermissionError) or getattr(error, "errno", None) == errno.EROFS:
        return f"{error.filename}: {error.strerror}; give --out a folder that you may write to"
    if isinstance(error, OSError):
        return f"{error.filename or 'a file'}: {error.strerror}"
    return str(error).strip().split("\n")[0]


def isolate() -> None:
    """Begins once more, as if the user had configured nothing."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if name in KEPT or name.startswith("ENXAME_")
    } | {"LC_ALL": "C.UTF-8"}
    if not sys.flags.isolated or os.environ != clean:
        os.execve(PYTHON[0], [*PYTHON, str(HERE / "report.py"), *sys.argv[1:]], clean)
    sys.path.insert(0, str(HERE))


def keep_apart(scratch: Path, run: Path, out: Path, judged: Path) -> None:
    """
    Gives Jupyter, IPython and matplotlib, here and in the kernel, folders that go away with us, and
    goes to one where there is no matplotlibrc.
    """
    own = {
        "HOME": "home",  # fonts, too, are looked for there
        "IPYTHONDIR": "ipython",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "MPLCONFIGDIR": "matplotlib",
    }
    os.environ |= {name: str(scratch / folder) for name, folder in own.items()}
    os.environ |= {"ENXAME_RUN": str(run), "ENXAME_OUT": str(out), "ENXAME_JUDGED": str(judged)}
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"  # the debugger, which warns otherwise
    os.chdir(scratch)


def report(path: Path, out: Path) -> list[Path]:
    """Executes the notebooks and writes the page; returns the paths of what was written."""
    # Only now: Jupyter reads its folders from the environment when it is imported.
    from enxame_figures.files import write_whole
    from enxame_figures.page import render
    from enxame_figures.run import load_run

    run = load_run(path)
    (out / "figures").mkdir(parents=True, exist_ok=True)
    shown = execute() if run.trials.get("valid", []).any() else []
    page = out / "report.html"
    write_whole(page, render(run, shown).encode())
    return [page, *(out / file for bundle in shown for file in bundle.get("files", []))]


def execute() -> list[dict]:
    """
    What each notebook showed. One kernel executes all of them, since to start one takes seconds.
    """
    import nbformat
    from jupyter_client import KernelManager
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    from enxame_figures.drawing import MIME

    # Sockets in a folder of ours rather than ports that others can see; by a name within it, since a
    # path may be longer than a socket's address.
    kernel = KernelManager(transport="ipc", ip="kernel")
    # Should this program be killed without time to tidy up, the system ends the kernel.
    ends_with_us = ["setpriv", "--pdeathsig", "KILL", "--"]
    kernel.kernel_spec.argv = [*ends_with_us, *PYTHON, "-c", KERNEL, "-f", "{connection_file}"]
    shown = []
    try:
        for name in NOTEBOOKS:
            notebook = nbformat.read(HERE / f"{name}.ipynb", as_version=4)
            client = NotebookClient(notebook, km=kernel, timeout=DEADLINE_S)
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
    isolate()
    sys.exit(main())
