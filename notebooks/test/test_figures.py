"""Figures of runs of several kinds."""

import multiprocessing
from xml.etree import ElementTree

import pytest
from PIL import Image

from drawn import assert_nothing_is_empty
from enxame_figures import figures, load_run
from enxame_figures.axes import NotForThisRun
from enxame_figures.figures import FIGURES
from enxame_figures.measures import measure_responses
from enxame_figures.output.drawing import LeftOut, Saved, save
from enxame_figures.plots.speed_up import speed_ups_of
from made_up_run import make_run

OVERHEAD = {"workers": [1], "n": [8, 64], "codec": ["json", "binary"], "launches": 2, "samples": 60}
SATURATION = {
    "workers": [2],
    "rates": [50, 400],
    "systems": ["rpc-tcp", "rest-wasm"],
    "launches": 2,
}
SMALL = {"launches": 2, "samples": 60}
# Too few requests of some systems, or of all, for a median.
FEW = {"launches": 2, "samples": 12, "workers": [1, 2]}
SPLITTING = SMALL | {"in_flight": [1], "split": ["none", "rows"]}
ONLY_SPLIT = SMALL | {"in_flight": [1], "split": ["rows", "grid"]}
SERVICE = {"service_ms": [100], "launches": 2, "workers": [1, 4]}
# Of experiments in which the measured time is not steady (test_unsteady.py), or of many engines
# (test_engines.py).
OF_OTHERS = {"bursts", "faults", "engines"}
ONE_CELL = {"workers": [2], "systems": ["local"], "launches": 1, "samples": 60}


@pytest.mark.parametrize(
    "kind, left_out",
    [
        (
            SMALL,
            {"contrasts", "origin", "sizes", "saturation", "ablation", "splitting", "service-time"},
        ),
        (
            OVERHEAD,
            {
                "origin",
                "scaling",
                "speed-up",
                "saturation",
                "ablation",
                "splitting",
                "service-time",
            },
        ),
        (
            SATURATION,
            set(FIGURES) - {"costs", "waterfall", "saturation", "distributions", "timeline"},
        ),
        (SPLITTING, {"contrasts", "origin", "sizes", "saturation", "ablation", "service-time"}),
        (
            ONLY_SPLIT,
            {"contrasts", "origin", "sizes", "saturation", "ablation", "service-time", "speed-up"},
        ),
        (SERVICE, {"contrasts", "origin", "sizes", "saturation", "ablation", "splitting"}),
        (ONE_CELL, set(FIGURES) - {"distributions", "waterfall", "timeline"}),
        (FEW, set(FIGURES) - {"costs", "scaling", "waterfall", "speed-up"}),
    ],
)
def test_every_kind_of_run_has_the_figures_that_make_sense_for_it(tmp_path, kind, left_out):
    run = load_run(make_run(tmp_path, **kind))
    refused = {}
    for name, draw in FIGURES.items():
        try:
            drawing = draw(run)
        except NotForThisRun as reason:
            refused[name] = str(reason)
            continue
        assert (drawing.name, bool(drawing.shown)) == (name, True)
        assert_nothing_is_empty(drawing.figure)
    assert set(refused) == left_out | OF_OTHERS
    assert all(reason.endswith(".") for reason in refused.values())


@pytest.mark.parametrize(
    "workers, cores, mark",
    [
        ([1, 2], 4, []),
        ([1, 2], 2, ["2 cores"]),
        ([1, 2, 4], 2, ["2 cores | oversubscribed"]),
        ([1, 4], 1, ["1 core | oversubscribed"]),
    ],
)
def test_a_line_per_system_with_the_cores_marked(tmp_path, workers, cores, mark):
    run = load_run(make_run(tmp_path, workers=workers, cores=cores, **SMALL))
    drawing = figures.draw_scaling(run)
    response, throughput = drawing.figure.axes
    assert response.get_legend_handles_labels()[1] == run.systems
    lines = [line for line in throughput.lines if line.get_marker() in "os^"]
    assert [list(line.get_xdata()) for line in lines] == [workers] * 3
    for axes in (response, throughput):
        assert [text.get_text() for text in axes.texts] == mark
    assert ("take turns" in drawing.caption) == (max(workers) > cores)


@pytest.mark.parametrize(
    "cores, placed, mark",
    [
        (4, {"pin": "free"}, "4 cores"),
        (4, {"pin": "apart"}, "2 cores | oversubscribed"),
        (2, {"pin": "together"}, "1 core | oversubscribed"),
        (4, {"duet": True}, "2 cores | oversubscribed"),
        (6, {"duet": True, "pin": "apart"}, "1 core | oversubscribed"),
    ],
)
def test_cores_are_those_that_workers_may_use(tmp_path, cores, placed, mark):
    sent = SMALL | {"systems": ["rpc-tcp"], "workers": [1, 2, 4]}
    drawing = figures.draw_scaling(load_run(make_run(tmp_path, cores=cores, **placed, **sent)))
    for axes in drawing.figure.axes:
        assert [text.get_text() for text in axes.texts] == [mark]


def test_workers_that_wait_do_not_take_turns(tmp_path):
    run = load_run(make_run(tmp_path, **SERVICE, cores=2))
    for draw in (figures.draw_scaling, figures.draw_speed_up, figures.draw_service_time):
        drawing = draw(run)
        words = [text.get_text() for axes in drawing.figure.axes for text in axes.texts]
        assert not any("oversubscribed" in text for text in words), draw
        assert "take turns" not in drawing.caption


def test_invalid_trials_are_counted_and_not_drawn(tmp_path):
    run = load_run(make_run(tmp_path, invalid=["local w1"], **SMALL))
    drawing = figures.draw_scaling(run)
    cells = drawing.shown["scaling"].rows
    assert cells.loc[(cells["line"] == "local") & (cells["workers"] == 1), "launches"].item() == 1
    save(run, drawing)
    words = " ".join(text.get_text() for text in drawing.figure.texts)
    words = " ".join(words.split())
    assert "1 of 18 trials invalid and not drawn" in words


def test_speed_up_is_paired_and_efficiency_is_that_per_worker(tmp_path):
    run = load_run(make_run(tmp_path, systems=["local"], cores=2, spread=0, **SMALL))
    table = speed_ups_of(run, measure_responses(run)).set_index("workers")
    assert table["speed_up"].tolist() == pytest.approx([1, 2, 2])
    assert table["efficiency"].tolist() == pytest.approx([1, 1, 0.5])
    # Launches differ by 5 %, and pairing takes that out: they agree, and have no interval.
    assert table["speed_up_high"].isna().all()


def test_a_system_without_a_valid_launch_of_one_worker_has_no_speed_up(tmp_path):
    one = SMALL | {"launches": 1, "workers": [1, 2], "systems": ["local", "rpc-tcp"]}
    path = make_run(tmp_path, **one, invalid=["local w1"])
    drawing = figures.draw_speed_up(load_run(path))
    assert set(drawing.shown["speed-up"].rows["line"]) == {"rpc-tcp"}
    assert [axes.get_title(loc="left") for axes in drawing.figure.axes] == ["rpc-tcp", ""]


def test_fits_within_the_cores_and_over_all_are_told_apart(tmp_path):
    run = load_run(make_run(tmp_path, systems=["local"], workers=[1, 2, 4, 8], **SMALL))
    drawing = figures.draw_speed_up(run)
    fits = drawing.shown["fits"].rows
    assert list(zip(fits["law"], fits["range"], fits["counts"])) == [
        ("Amdahl", "all", "1, 2, 4, 8"),
        ("USL", "all", "1, 2, 4, 8"),
        ("Amdahl", "within the cores", "1, 2"),
    ]
    assert fits["serial"].iloc[2] < 0.05 < fits["serial"].iloc[0]
    assert "cannot be judged" in drawing.caption
    words = [text.get_text() for text in drawing.figure.axes[0].texts]
    assert words == ["extrapolated", "2 cores | oversubscribed"]


def test_a_rate_at_which_nothing_is_valid_is_crossed(tmp_path):
    path = make_run(
        tmp_path, **(SATURATION | {"launches": 1, "invalid": ["rest-wasm w2 rate=400"]})
    )
    drawing = figures.draw_saturation(load_run(path))
    crosses = [line for line in drawing.figure.axes[0].lines if line.get_marker() == "x"]
    assert [list(cross.get_xdata()) for cross in crosses] == [[400]]
    assert "no launch was valid" in drawing.caption


def test_saved_figures_carry_run_commit_and_source_and_are_the_same_each_time(tmp_path):
    path = make_run(tmp_path, **SMALL)
    before = save_all(path)
    about = before.pop("about")
    run = load_run(path)
    assert run.run_id in about and run.commit in about and run.source_sha256 in about
    assert len(before) == 7
    assert before == {name: content for name, content in save_all(path).items() if name != "about"}


def save_all(path):
    """The files of a figure, by name, after it was drawn; and what each says it was drawn from."""
    run = load_run(path)
    drawn = figures.draw(run, "scaling")
    assert isinstance(drawn, Saved)
    files = {str(name): (path / name).read_bytes() for name in drawn.files}
    assert (files["figures/scaling.png"], files["figures/scaling.svg"]) == (drawn.png, drawn.svg)
    with Image.open(path / "figures/scaling.png") as image:
        about = image.text["Description"]
        assert image.width == round(3.35 * 300)
    svg = ElementTree.fromstring(files["figures/scaling.svg"])
    assert about in [element.text for element in svg.iter()]
    assert about.replace("(", r"\(").replace(")", r"\)").encode() in files["figures/scaling.pdf"]
    return files | {"about": about}


def test_tables_are_for_programs_and_for_people(tmp_path):
    path = make_run(tmp_path, **SMALL)
    figures.draw(load_run(path), "scaling")
    csv = (path / "figures/scaling.csv").read_text().splitlines()
    cell = "line,workers,n,values,split,service_ms,in_flight,rate_per_s"
    assert csv[0].startswith(f"{cell},launches,median_response_ms,")
    assert len(csv) == 1 + 9
    markdown = (path / "figures/scaling.md").read_text()
    assert "| system" in markdown and "| local" in markdown
    latex = (path / "figures/scaling.tex").read_text()
    assert r"\toprule" in latex and "rest-wasm" in latex


def test_a_figure_that_is_left_out_says_why(tmp_path):
    run = load_run(make_run(tmp_path, workers=[1], **SMALL))
    why = "Only one value of the number of workers was measured."
    assert figures.draw(run, "scaling") == LeftOut("scaling", why)
    assert figures.show(run, "scaling")._repr_mimebundle_() == {"text/plain": f"left out: {why}"}
    assert not (run.path / "figures").exists()


def test_drawn_all_at_once_they_are_what_they_are_one_by_one(tmp_path):
    run = load_run(make_run(tmp_path, workers=[1, 2], systems=["local", "rpc-tcp"], **SMALL))
    (run.out / "figures").mkdir()
    once = figures.draw_all(run)
    assert [figure.name for figure in once] == list(FIGURES)
    assert once == [figures.draw(load_run(run.path), name) for name in FIGURES]


def test_what_goes_wrong_in_one_figure_is_raised_and_leaves_no_process(tmp_path, monkeypatch):
    def fail(run):
        raise ValueError("no ink")

    monkeypatch.setitem(FIGURES, "scaling", fail)
    run = load_run(make_run(tmp_path, workers=[1, 2], systems=["local"], **SMALL))
    (run.out / "figures").mkdir()
    with pytest.raises(ValueError, match="no ink"):
        figures.draw_all(run)
    assert multiprocessing.active_children() == []
