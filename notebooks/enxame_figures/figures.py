"""Every figure there is, in the order of the report, drawn one at a time or all at once."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from enxame_figures.axes import NotForThisRun
from enxame_figures.measures import read_all_samples
from enxame_figures.output.drawing import Drawing, LeftOut, Saved, save
from enxame_figures.plots.ablation import draw_ablation
from enxame_figures.plots.bursts import draw_bursts
from enxame_figures.plots.contrasts import draw_contrasts
from enxame_figures.plots.costs import draw_costs
from enxame_figures.plots.distributions import draw_distributions
from enxame_figures.plots.engines import draw_engines
from enxame_figures.plots.faults import draw_faults
from enxame_figures.plots.origin import draw_origin
from enxame_figures.plots.saturation import draw_saturation
from enxame_figures.plots.scaling import draw_scaling, draw_sizes
from enxame_figures.plots.service_time import draw_service_time
from enxame_figures.plots.speed_up import draw_speed_up
from enxame_figures.plots.splitting import draw_splitting
from enxame_figures.plots.timeline import draw_timeline
from enxame_figures.plots.waterfall import draw_waterfall
from enxame_figures.processes import in_processes
from enxame_figures.run import Run

# By the name of its files and of its notebook. A function that raises NotForThisRun has nothing to
# say about a run.
FIGURES: dict[str, Callable[[Run], Drawing]] = {
    "costs": draw_costs,
    "contrasts": draw_contrasts,
    "origin": draw_origin,
    "ablation": draw_ablation,
    "engines": draw_engines,
    "waterfall": draw_waterfall,
    "scaling": draw_scaling,
    "sizes": draw_sizes,
    "speed-up": draw_speed_up,
    "splitting": draw_splitting,
    "service-time": draw_service_time,
    "saturation": draw_saturation,
    "bursts": draw_bursts,
    "faults": draw_faults,
    "distributions": draw_distributions,
    "timeline": draw_timeline,
}
# They take as long as all others together, and begin first so that none is left over at the end.
LONGEST = ("speed-up", "timeline", "waterfall", "distributions")


def draw(run: Run, name: str) -> Saved | LeftOut:
    """Draws and saves a figure of the run, unless it would say nothing about this one."""
    try:
        drawing = FIGURES[name](run)
    except NotForThisRun as reason:
        return LeftOut(name, str(reason))
    if drawing.name != name:
        raise ValueError(f"the drawing is called {drawing.name!r}; expected {name!r}")
    return save(run, drawing)


def draw_all(run: Run) -> list[Saved | LeftOut]:
    """All of them, on all cores. What goes wrong in one is raised here, and ends the others."""
    if not run.reduced:
        read_all_samples(run)
    order = sorted(FIGURES, key=lambda name: name not in LONGEST)
    drawn = dict(zip(order, in_processes([partial(draw, run, name) for name in order])))
    return [drawn[name] for name in FIGURES]


@dataclass(frozen=True)
class Shown:
    """What a notebook's cell ends with, as Jupyter shows it."""

    figure: Saved | LeftOut

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        if isinstance(self.figure, LeftOut):
            return {"text/plain": f"left out: {self.figure.reason}"}
        png = base64.b64encode(self.figure.png).decode()
        return {"text/plain": self.figure.caption, "image/png": png}


def show(run: Run, name: str) -> Shown:
    """For notebooks: draws a figure, saves it into the run's folder and shows it."""
    return Shown(draw(run, name))
