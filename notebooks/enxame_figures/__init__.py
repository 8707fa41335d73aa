"""
Figures of a run, drawn from its files alone. A run is a folder that ./run-experiment made;
results/README.md describes its files.

In the order in which the data flows: `run` reads a folder, `measures` makes numbers of its samples,
`axes` sorts cells into lines and panels, `estimates` and `fits` make intervals and curves of
launches; a module per figure draws, with `style`; `drawing` and `tables` save; `page`
reports.
"""

from enxame_figures.costs import draw_costs
from enxame_figures.distributions import draw_distributions
from enxame_figures.drawing import show
from enxame_figures.run import find_run, load_run
from enxame_figures.saturation import draw_saturation
from enxame_figures.scaling import draw_scaling, draw_sizes
from enxame_figures.service_time import draw_service_time
from enxame_figures.speed_up import draw_speed_up
from enxame_figures.splitting import draw_splitting
from enxame_figures.walk import draw_walk
from enxame_figures.waterfall import draw_waterfall

__all__ = [
    "draw_costs",
    "draw_distributions",
    "draw_saturation",
    "draw_scaling",
    "draw_service_time",
    "draw_sizes",
    "draw_speed_up",
    "draw_splitting",
    "draw_walk",
    "draw_waterfall",
    "find_run",
    "load_run",
    "show",
]
