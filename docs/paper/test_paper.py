"""Papers of the figures, tables and numbers of runs can be compiled."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
sys.path += [str(NOTEBOOKS), str(NOTEBOOKS / "test")]
from made_up_run import ABLATION, make_run  # noqa: E402

PAPER = Path(__file__).with_name("paper.tex")
# What LaTeX says of what is not right and no error.
COMPLAINTS = re.compile(r"^(?:LaTeX|Package \w+) Warning: .*|^Overfull \\hbox.*|.* undefined.*", re.M)
EVERYTHING = r"""
\documentclass[twocolumn]{article}
\usepackage[T1]{fontenc}
\usepackage{booktabs,graphicx,siunitx}
\graphicspath{{figures/}}
\input{figures/numbers}
\begin{document}
Text.
%s
\end{document}
"""


def draw(run: Path, out: Path) -> Path:
    """The folder with what was drawn."""
    subprocess.run([NOTEBOOKS / "report.py", run, "--out", out], check=True, capture_output=True)
    return out / "figures"


def compiled(paper: Path) -> str:
    """What LaTeX says of the paper when all references are known; fails where there is an error."""
    latex = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", paper.name]
    how = {"cwd": paper.parent, "capture_output": True, "text": True, "errors": "replace"}
    # Or LaTeX breaks the lines of what it says.
    how["env"] = os.environ | {"max_print_line": "1000"}
    for _ in range(2):
        ended = subprocess.run(latex, **how)
        assert ended.returncode == 0, ended.stdout[-3000:]
    return paper.with_suffix(".log").read_text(errors="replace")


@pytest.fixture(scope="module")
def paper(tmp_path_factory):
    """The example, next to the figures of the run that it is about."""
    folder = tmp_path_factory.mktemp("paper")
    draw(ROOT / "results" / "reference" / "ablation", folder)
    return Path(shutil.copy(PAPER, folder))


def test_the_example_is_one_page_without_complaints(paper):
    log = compiled(paper)
    assert "Output written on paper.pdf (1 page," in log
    assert COMPLAINTS.findall(log) == []


def test_a_number_that_the_run_has_not_is_an_error(paper):
    wrong = paper.with_name("wrong.tex")
    wrong.write_text(paper.read_text().replace("{rest-wasm w1}", "{rest-wasm w3}"))
    with pytest.raises(AssertionError, match="There is no number ablation/rest-wasm w3/median_response_ms"):
        compiled(wrong)


def test_every_table_and_figure_of_a_run_compiles(tmp_path):
    run = make_run(tmp_path, systems=ABLATION, workers=[1], n=[8, 64], launches=2, samples=200)
    figures = draw(run, tmp_path)
    parts = sorted(path.stem for path in figures.glob("*.tex") if path.stem != "numbers")
    assert {"contrasts", "contrasts-by-n", "fig-timeline", "waterfall"} <= set(parts)
    everything = tmp_path / "everything.tex"
    lines = [rf"\input{{figures/{part}}}\clearpage" for part in parts]
    everything.write_text(EVERYTHING % "\n".join(lines))
    assert COMPLAINTS.findall(compiled(everything)) == []
