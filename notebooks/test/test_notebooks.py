"""The notebooks, executed as Jupyter does."""

import os
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest
from jupyter_client import KernelManager
from nbclient import NotebookClient

from enxame_figures.figures import FIGURES
from made_up_run import make_run

NOTEBOOKS = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def kernel():
    """One for all notebooks, since to start one takes seconds, which leaves nothing behind."""
    # Short, because the address of a socket is.
    with tempfile.TemporaryDirectory(dir="/tmp", prefix="enxame-") as scratch:
        own = {"HOME": "home", "IPYTHONDIR": "ipython", "MPLCONFIGDIR": "matplotlib"}
        own |= {"JUPYTER_RUNTIME_DIR": "runtime"}
        env = os.environ | {name: f"{scratch}/{folder}" for name, folder in own.items()}
        env |= {"PYTHONPATH": str(NOTEBOOKS), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
        env |= {"ENXAME_RUN": str(make_run(Path(scratch), workers=[1, 2], launches=2, samples=60))}
        connection = f"{scratch}/kernel.json"
        kernel = KernelManager(transport="ipc", ip=f"{scratch}/s", connection_file=connection)
        python = [sys.executable, "-s", "-B", "-m", "ipykernel_launcher"]
        kernel.kernel_spec.argv = [*python, "-f", "{connection_file}"]
        kernel.start_kernel(env=env, cwd=scratch)
        yield kernel
        kernel.shutdown_kernel(now=True)


def test_there_is_a_notebook_for_each_figure():
    assert {path.stem for path in NOTEBOOKS.glob("*.ipynb")} == set(FIGURES)


@pytest.mark.parametrize("name", FIGURES)
def test_a_notebook_shows_its_figure_and_is_kept_without_outputs(kernel, name):
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    about, code = notebook["cells"]
    assert about["cell_type"] == "markdown" and not code["outputs"]
    NotebookClient(notebook, km=kernel, timeout=120).execute(cleanup_kc=False)
    (output,) = code["outputs"]
    assert "image/png" in output["data"] or output["data"]["text/plain"].startswith("left out: ")
