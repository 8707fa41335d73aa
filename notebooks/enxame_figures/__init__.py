"""
Figures of a run, drawn from its files alone. A run is a folder that ./run-experiment made;
results/README.md describes its files.

In the order in which the data flows: `samples` reads the samples of a trial and `run` the folder,
`measures` makes numbers of both, `axes` sorts cells into lines and panels, `estimates` and `fits`
make intervals and curves of launches; a module per figure draws, with `style`; `drawing` and
`tables` save; `figures` knows all of them, and `page` puts them on one page.
"""

from enxame_figures.figures import show
from enxame_figures.run import find_run, load_run

__all__ = ["find_run", "load_run", "show"]
