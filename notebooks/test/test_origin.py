"""The three questions of the original's authors."""

import pytest

from enxame_figures import figures, load_run
from enxame_figures.axes import NotForThisRun
from made_up_run import make_run

SYSTEMS = ["rpc-tcp", "rpc-http", "rest-native", "rest-wasm"]
ASKED = {"systems": SYSTEMS, "workers": [1, 2, 4], "n": [8, 64], "launches": 2, "samples": 60}


def test_there_is_a_panel_per_question(tmp_path):
    drawing = figures.draw_origin(load_run(make_run(tmp_path, **ASKED)))
    http, workers, wasm = drawing.figure.axes
    assert [http.get_title(loc="left"), wasm.get_title(loc="left")] == [
        *["(a) what HTTP adds", "(c) native and Wasm"]
    ]
    # The means of made-up contrasts are a tenth higher than their medians.
    assert labelled(http) == {"rpc-http / rpc-tcp": pytest.approx([2.2, 2.2])}
    # The whole move is over the system that the run compares with, its first.
    assert labelled(wasm) == {
        "rest-wasm / rpc-tcp": pytest.approx([4.4, 4.4]),
        "rest-wasm / rest-native": pytest.approx([1.32, 1.32]),
    }
    assert workers.get_title(loc="left") == "(b) Wasm workers: rest-wasm"
    assert set(labelled(workers)) == {"n = 8", "n = 64"}
    rows = drawing.shown["origin"].for_people
    assert rows["question"].value_counts().to_dict() == {
        "(a) what HTTP adds": 2,
        "(b) Wasm workers": 6,
        "(c) native and Wasm": 4,
    }
    assert rows.iloc[0].tolist()[1:3] == ["rpc-http", "rpc-tcp"]


def test_the_front_is_over_direct_calls_whichever_the_experiment_lists_first(tmp_path):
    systems = ["rpc-http", "rpc-tcp", "rest-native", "rest-wasm"]
    run = load_run(make_run(tmp_path, **(ASKED | {"systems": systems})))
    http = figures.draw_origin(run).figure.axes[0]
    # Of the contrast of rpc-tcp over rpc-http.
    assert labelled(http) == {"rpc-http / rpc-tcp": pytest.approx([1 / 0.55, 1 / 0.55])}


def labelled(axes):
    """The values of each line that is in the legend."""
    names = axes.get_legend_handles_labels()[1]
    return {
        line.get_label(): list(line.get_ydata()) for line in axes.lines if line.get_label() in names
    }


@pytest.mark.parametrize(
    "lacks",
    [
        {"systems": ["rpc-tcp", "rest-native", "rest-wasm"]},
        {"systems": ["rpc-tcp", "rpc-http", "rest-wasm"]},
        {"workers": [1]},
    ],
)
def test_a_run_that_cannot_answer_all_of_them_has_no_such_figure(tmp_path, lacks):
    with pytest.raises(NotForThisRun, match="It takes a front"):
        figures.draw_origin(load_run(make_run(tmp_path, **(ASKED | lacks))))
