"""One choice at a time."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from enxame_figures import figures, load_run
from enxame_figures.axes import NotForThisRun
from enxame_figures.plots.ablation import steps_between
from made_up_run import ABLATION, BASE_MS, LOCAL, REST, SYSTEMS, TAB, TCP, TEXT, make_run

REST_OF_PARTS = {"browser_flags": "none", "browsers": "shared", "attached": False}


def rows(*systems):
    """Lines with the parts of these systems."""
    return [
        pd.Series(system | REST_OF_PARTS | {"line": f"s{i}"}) for i, system in enumerate(systems)
    ]


def test_each_choice_is_named_by_the_part_that_it_is_of():
    steps = steps_between(rows(*(SYSTEMS[name] for name in ABLATION)))
    assert [(step.part, step.words) for step in steps] == [
        (
            "topology",
            "topology: direct → relayed, transport: tcp → rest, dispatch: push → long-poll",
        ),
        ("codec", "codec: binary → json"),
        ("engine", "engine: native → browser"),
        ("kernel", "kernel: simd → naive"),
        ("dispatch", "dispatch: long-poll → poll, collection: long-poll → poll"),
        ("connections", "connections: kept → per-request"),
    ]
    assert (steps[0].before, steps[0].line) == ("s0", "s1")


@pytest.mark.parametrize(
    "before, after, part",
    [
        (LOCAL, TCP, "topology"),
        (TCP, TCP | {"topology": "front"}, "topology"),
        (TCP, TCP | {"transport": "grpc"}, "transport"),
        (TEXT | {"kernel": "simd"}, TAB | {"kernel": "relaxed"}, "engine"),
        (REST, REST | {"transport": "ws", "dispatch": "push"}, "transport"),
        (TEXT, TEXT | {"collection": "poll"}, "collection"),
        (TEXT, TEXT | {"dispatch": "poll"}, "dispatch"),
    ],
)
def test_what_leaves_no_choice_comes_with_a_choice(before, after, part):
    steps = steps_between(rows(before, after, after | {"kernel": "blas"}))
    assert [step.part for step in steps] == [part, "kernel"]


def test_trials_of_before_there_were_topologies_have_none():
    old = [row.drop("topology") for row in rows(TCP, REST, TEXT)]
    assert [step.part for step in steps_between(old)] == ["transport", "codec"]


@pytest.mark.parametrize(
    "systems, because",
    [
        ([LOCAL, TCP], "needs at least 3 systems"),
        ([TCP, REST, TAB], "s1 and s2 differ in engine, codec."),
        ([TCP, TEXT, TAB], "s0 and s1 differ in topology, codec."),
        ([TCP, REST, REST], "s1 and s2 differ in nothing."),
        ([TCP, REST | {"dispatch": "poll"}, TEXT], "s0 and s1 differ in topology, dispatch."),
        ([TEXT, TAB, TAB | {"kernel": "naive", "collection": "poll"}], "in kernel, collection."),
        ([LOCAL, LOCAL | {"kernel": "relaxed"}, TCP], "s1 and s2 differ in topology, kernel."),
    ],
)
def test_what_is_no_ablation_is_left_out_with_the_reason(systems, because):
    with pytest.raises(NotForThisRun) as refused:
        steps_between(rows(*systems))
    assert because in str(refused.value)


def test_factors_and_differences_are_paired_by_launch_and_make_up_the_whole_way(tmp_path):
    run = load_run(
        make_run(tmp_path, systems=ABLATION, workers=[1], n=[64, 128], samples=30, spread=0)
    )
    drawing = figures.draw_ablation(run)
    steps_shown = drawing.shown["ablation"].rows
    at_128 = steps_shown[steps_shown["n"] == 128].set_index("line")
    assert at_128.loc["rest-native", "factor"] == pytest.approx(10 / 4)
    # Launches differ by 5 %, which pairing takes out of factors: they agree, and have no interval.
    assert np.isnan(at_128.loc["rest-native", "factor_high"])
    assert at_128.loc["rest-native", "difference_ms"] == pytest.approx(10 - 4)
    assert at_128.loc["rest-native", "difference_ms_high"] > 6.5
    whole = at_128["factor"].prod()
    assert whole == pytest.approx(BASE_MS["origin-rest"] / BASE_MS["rpc-tcp"])
    assert at_128.loc["rest-native", "step"] == "codec: binary → json"
    assert at_128.loc["rpc-tcp", "step"] == "–"
    assert [axes.get_title(loc="left") for axes in drawing.figure.axes] == ["n = 64", "n = 128"]
    words = [text.get_text() for text in drawing.figure.axes[0].texts]
    assert "codec: binary → json" in words


def test_an_axis_that_makes_lines_is_a_choice_as_well(tmp_path):
    ablation = {"systems": ["rest-native-binary", "rest-native", "rest-wasm"], "workers": [1]}
    run = load_run(make_run(tmp_path, **ablation, codec=["json", "binary"], launches=1))
    drawing = figures.draw_ablation(run)
    assert list(drawing.shown["ablation"].rows["step"])[-1] == "codec: json → binary"


def test_a_cell_that_is_missing_leaves_the_others(tmp_path):
    ablation = {
        "systems": ABLATION[:3],
        "workers": [1],
        "launches": 1,
        "samples": 30,
        "n": [64, 128],
    }
    path = make_run(tmp_path, **ablation, invalid=["rest-native-binary w1 n64"])
    steps_shown = figures.draw_ablation(load_run(path)).shown["ablation"].rows
    assert steps_shown["pairs"].tolist() == [0, 0, 1, 0, 1]


def test_a_system_without_a_valid_trial_leaves_its_row_empty(tmp_path):
    ablation = {"systems": ABLATION[:4], "workers": [1], "launches": 1, "samples": 30}
    run = load_run(make_run(tmp_path, **ablation, invalid=["rest-native w1"]))
    steps_shown = figures.draw_ablation(run).shown["ablation"].rows
    assert steps_shown["line"].tolist() == ["rpc-tcp", "rest-native-binary", "rest-wasm"]
    assert steps_shown["pairs"].tolist() == [0, 1, 0] and steps_shown["factor"].isna().tolist()[2]


def test_the_numbers_of_the_axis_do_not_touch(tmp_path, monkeypatch):
    # Five powers of ten.
    monkeypatch.setitem(BASE_MS, ABLATION[0], 0.05)
    run = load_run(make_run(tmp_path, systems=ABLATION, workers=[1], launches=3, samples=30))
    figure = figures.draw_ablation(run).figure
    figure.draw_without_rendering()
    (axis,) = figure.axes
    low, high = axis.get_xlim()
    labels = [
        label.get_window_extent()
        for label in axis.get_xticklabels()
        if label.get_text() and low < label.get_position()[0] < high
    ]
    assert len(labels) > 1
    assert all(left.x1 + 3 < right.x0 for left, right in pairwise(labels))
