#!/usr/bin/python3 -I
"""
report.py RUN: draws the figures and tables of a run, and writes report.html into its folder, or
that of --out. Prints the path of every file that it wrote, the page first. Reads and writes nothing
of the user's Python and matplotlib.
"""

from __future__ import annotations

import argparse
import errno
import gc
import os
import signal
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TextIO

HERE = Path(__file__).resolve().parent
# Without PYTHONPATH and its like, packages in ~/.local, and files written next to the sources.
PYTHON = [sys.executable, "-I", "-B"]
# All that is kept of the user's environment: much of the rest configures Python, the libraries and
# the loader.
KEPT = ("PATH", "TMPDIR")
# There is a process for each core, which needs no threads.
OWN = {"LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="report.py",
        description="Draws the figures of a run and writes its report.html.",
        epilog="example: notebooks/report.py results/20250131T235959Z-1a2b3c",
    )
    parser.add_argument("run", type=Path, help="the folder of a run")
    parser.add_argument("--out", type=Path, help="where to write (default: into that folder)")
    judged = "its warnings and comparisons come on stdin (default: they are in that folder)"
    parser.add_argument("--judged", action="store_true", help=judged)
    given = parser.parse_args()
    run, out = given.run.resolve(), (given.out or given.run).resolve()
    if not (run / "manifest.json").exists():
        parser.error(f"{run}: no manifest.json; expected the folder of a run")
    # What is made here is of use to the end; to look for garbage is a quarter of the work.
    gc.disable()
    # As exceptions, so that processes and temporary files go.
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda number, _: sys.exit(128 + number))
    try:
        with tempfile.TemporaryDirectory(prefix="enxame-report-") as scratch:
            keep_apart(Path(scratch))
            try:
                paths = report(run, out, sys.stdin if given.judged else None)
            finally:
                os.chdir("/")  # the folder goes
        print(*paths, sep="\n", flush=True)
        return 0
    except Exception as error:
        traceback.print_exc()
        print(f"report.py: {in_words(error)}", file=sys.stderr)
        return 1


def in_words(error: Exception) -> str:
    """One line, with what to do where the reason is known."""
    if not isinstance(error, OSError):
        return str(error).strip().split("\n")[0]
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{error.filename}: {error.strerror}; give --out a folder that you may write to"
    return f"{error.filename or 'a file'}: {error.strerror}"


def isolate() -> None:
    """Begins once more, as if the user had configured nothing."""
    clean = {name: value for name, value in os.environ.items() if name in KEPT} | OWN
    if not sys.flags.isolated or os.environ != clean:
        os.execve(PYTHON[0], [*PYTHON, str(HERE / "report.py"), *sys.argv[1:]], clean)
    sys.path.insert(0, str(HERE))


def keep_apart(scratch: Path) -> None:
    """
    Gives matplotlib folders that go away with us, and goes to one where there is no matplotlibrc.
    """
    # Fonts, too, are looked for in the home folder.
    own = {"HOME": "home", "MPLCONFIGDIR": "matplotlib"}
    os.environ |= {name: str(scratch / folder) for name, folder in own.items()}
    os.chdir(scratch)


def report(path: Path, out: Path, judged: TextIO | None) -> list[Path]:
    """
    Draws the figures and writes the page; returns the paths of what was written. `judged`: what
    holds the run's warnings and comparisons, if not its own folder.
    """
    # Only now: matplotlib reads its folders from the environment when it is imported.
    from enxame_figures.figures import draw_all
    from enxame_figures.measures import read_all_samples
    from enxame_figures.output.drawing import Saved
    from enxame_figures.output.files import write_whole
    from enxame_figures.output.macros import macros_of
    from enxame_figures.output.page import render
    from enxame_figures.run import load_run, with_judgements

    run = load_run(path, out)
    (out / "figures").mkdir(parents=True, exist_ok=True)
    has_valid = run.trials.get("valid", []).any()
    if has_valid:
        read_all_samples(run)
    if judged is not None:
        # Not before: whoever starts this program has made them meanwhile.
        run = with_judgements(run, judged.read())
    figures = draw_all(run) if has_valid else []
    numbers = out / "figures" / "numbers.tex"
    write_whole(numbers, macros_of(run).encode())
    page = out / "report.html"
    write_whole(page, render(run, figures).encode())
    drawn = (figure for figure in figures if isinstance(figure, Saved))
    return [page, numbers, *(out / file for figure in drawn for file in figure.files)]


if __name__ == "__main__":
    isolate()
    sys.exit(main())
