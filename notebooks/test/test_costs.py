"""What systems cost relative to another."""

import json

import numpy as np
import pytest

from enxame_figures import figures, load_run
from enxame_figures.axes import NotForThisRun
from made_up_run import make_run

SMALL = {"workers": [1, 2], "launches": 2, "samples": 60}


def change(path, how):
    """Rewrites the run's comparisons, each as `how` does in place."""
    comparisons = json.loads((path / "comparisons.json").read_text())
    for told in comparisons:
        how(told)
    (path / "comparisons.json").write_text(json.dumps(comparisons))
    return load_run(path)


def test_costs_are_by_median_mean_and_throughput(tmp_path):
    drawing = figures.draw_costs(load_run(make_run(tmp_path, **SMALL)))
    response, throughput = drawing.figure.axes
    drawn = [list(line.get_ydata()) for line in response.lines if line.get_label() == "rpc-tcp"]
    assert drawn == [[1.5, 1.5]]
    means = [line.get_ydata() for line in response.lines if line.get_linewidth() == 0.9]
    assert np.array(means).tolist() == [pytest.approx([1.65] * 2), pytest.approx([6.6] * 2)]
    (inverse,) = [line for line in throughput.lines if line.get_label() == "rpc-tcp"]
    assert list(inverse.get_ydata()) == pytest.approx([2 / 3] * 2)
    shown = drawing.shown["costs"].for_people
    assert list(shown)[2:] == [
        "median response, ratio",
        "mean response, ratio",
        "throughput, ratio",
        "median response times",
    ]


def test_they_are_over_the_system_that_the_harness_compared_with(tmp_path):
    path = make_run(tmp_path, **SMALL)

    def over_rpc(told):
        cell, told["over"] = told["cell"], f"rpc-tcp {told['over'].split()[1]}"
        told["cell"] = cell.replace("rpc-tcp", "local")

    drawing = figures.draw_costs(change(path, over_rpc))
    assert drawing.title == "Cost relative to rpc-tcp"
    assert set(drawing.shown["costs"].rows["line"]) == {"local", "rest-wasm"}
    assert drawing.figure.axes[0].get_ylabel() == "response time, × rpc-tcp"


def test_what_could_not_be_compared_has_neither_verdict_nor_entry_in_the_legend(tmp_path):
    def forget(told):
        if told["cell"].startswith("rest-wasm"):
            for name in ("response_ratio", "mean_response_ratio", "p", "verdict"):
                del told[name]

    drawing = figures.draw_costs(change(make_run(tmp_path, **SMALL), forget))
    shown = drawing.shown["costs"].for_people.set_index("system")
    told = shown.loc["rest-wasm", ["median response, ratio", "median response times"]]
    assert set(told.to_numpy().ravel()) == {"–"}
    assert drawing.figure.axes[0].get_legend_handles_labels()[1] == ["rpc-tcp"]


def test_a_run_of_which_nothing_could_be_compared_has_no_figure(tmp_path):
    def forget(told):
        for name in ("response_ratio", "mean_response_ratio", "throughput_ratio"):
            del told[name]

    with pytest.raises(NotForThisRun, match="No two systems"):
        figures.draw_costs(change(make_run(tmp_path, **SMALL), forget))


def test_of_an_open_load_the_products_that_came_back_are_compared(tmp_path):
    path = make_run(tmp_path, workers=[2], rates=[50, 400], systems=["local", "rpc-tcp"])
    assert (
        "goodput, the products that came back in time,"
        in figures.draw_costs(load_run(path)).caption
    )
