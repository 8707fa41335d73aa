"""
Figures of a run, drawn from its files alone. A run is a folder that ./run-experiment made;
results/README.md describes its files.

In the order in which the data flows: `samples` reads the samples of a trial (`sequences`, in their
order, `in_time`, by when they were) and `run` the folder, `measures` makes numbers of both, `axes`
sorts cells into lines and panels, `estimates` makes intervals of launches and `phases` means of
phases; `plots` has a module per figure, which draws with `style`; `output` writes figures, tables
and pages, and `figures` knows all that there are.
"""

from enxame_figures.figures import show
from enxame_figures.run import find_run, load_run

__all__ = ["find_run", "load_run", "show"]
