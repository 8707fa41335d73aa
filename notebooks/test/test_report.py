"""The page of a run, made by the program as the harness calls it."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

import pytest

from enxame_figures.axes import NotForThisRun
from enxame_figures.output.page import render
from enxame_figures.plots.costs import draw_costs
from enxame_figures.run import load_run
from made_up_run import make_run

REPORT = Path(__file__).resolve().parents[1] / "report.py"
SMALL = {"systems": ["local", "rpc-tcp"], "workers": [1, 2], "launches": 2, "samples": 60}
# With as few figures as can be.
TINY = SMALL | {"workers": [1], "launches": 1}
CONTRAST = TINY | {"systems": ["rest-native-binary", "rest-native"]}


class Links(HTMLParser):
    """Everything that a page refers to."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name in ("src", "href", "srcset", "data")]


@dataclass(frozen=True)
class Drawn:
    """A run that was drawn into its own folder by a user with these folders."""

    run: Path
    home: Path
    scratch: Path
    ended: subprocess.CompletedProcess


@pytest.fixture(scope="module")
def drawn_once(tmp_path_factory):
    """For the tests that only look at what there is then, since to draw takes seconds."""
    folder = tmp_path_factory.mktemp("drawn")
    home, scratch = folder / "home", folder / "scratch"
    home.mkdir()
    scratch.mkdir()
    path = make_run(folder, **SMALL, invalid=["local w2"])
    ended = draw(path, {"HOME": str(home), "TMPDIR": str(scratch)}, cwd=folder)
    return Drawn(path, home, scratch, ended)


def test_the_program_draws_the_run_and_touches_nothing_of_the_user(drawn_once):
    path, ended = drawn_once.run, drawn_once.ended
    assert ended.returncode == 0, ended.stderr
    written = ended.stdout.split("\n")[:-1]
    assert written[0] == str(path / "report.html")
    drawn = {str(file) for file in (path / "figures").iterdir()}
    assert set(written[1:]) == drawn
    images = {"costs", "scaling", "speed-up", "distributions", "waterfall", "timeline"}
    stems = {*images, "fits", "shares", "numbers", *(f"fig-{name}" for name in images)}
    assert {Path(file).stem for file in drawn} == stems
    assert [*drawn_once.home.iterdir(), *drawn_once.scratch.iterdir()] == []

    page = (path / "report.html").read_text()
    assert all(link.startswith(("data:image/svg+xml;base64,", "#")) for link in Links(page).found)
    assert len([link for link in Links(page).found if link.startswith("data:")]) == 6
    for expected in [
        "What would &lt;this&gt; cost?",
        "Cost relative to local",
        "slower",
        "1 of 8 trials are invalid",
        "12.0 % of the machine&#39;s time was taken by other guests",
        "saturation: The load is closed",
        "A processor",
        load_run(path).source_sha256,
        "./run-experiment report results/20250101T000000Z-abcdef",
    ]:
        assert expected in page, expected


def as_bytes(folder):
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def draw(run, env, *more, cwd=None, given=None):
    how = {"env": os.environ | env, "input": given, "capture_output": True, "text": True}
    return subprocess.run([REPORT, run, *more], cwd=cwd, **how)


def set_up_for_others(home):
    """What a user may have set up for other programs, each of which would break ours."""
    own = home / ".local/lib/python3.11/site-packages"
    for package in ("matplotlib", "numpy", "pandas", "enxame_figures"):
        for place in (home / "broken", own):
            (place / package).mkdir(parents=True)
            (place / package / "__init__.py").write_text("raise ImportError('not this one')\n")
    (home / "startup.py").write_text("raise SystemExit('startup')\n")
    (home / "matplotlibrc").write_text("figure.facecolor: red\nbackend: nonesuch\n")


def environment_at(home):
    """Variables that each would break ours."""
    told = {
        "HOME": home,
        "PYTHONPATH": home / "broken",
        "PYTHONHOME": home / "broken",
        "PYTHONSTARTUP": home / "startup.py",
        "PYTHONWARNINGS": "error",
        "MPLBACKEND": "nonesuch",
        "MATPLOTLIBRC": home / "matplotlibrc",
        "MPLCONFIGDIR": home / "matplotlibrc" / "folder",
        "LC_ALL": "xx_XX",
    }
    return {name: str(value) for name, value in told.items()}


def test_nothing_that_the_user_set_up_for_other_programs_changes_a_byte(tmp_path, drawn_once):
    home, out = tmp_path / "home", tmp_path / "hostile"
    home.mkdir()
    set_up_for_others(home)
    before = as_bytes(drawn_once.run)
    ended = draw(drawn_once.run, environment_at(home), "--out", out, cwd=home)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert as_bytes(drawn_once.run) == before
    assert as_bytes(out / "figures") == as_bytes(drawn_once.run / "figures")
    assert (out / "report.html").read_bytes() == (drawn_once.run / "report.html").read_bytes()
    assert len(as_bytes(out)) > 10


def test_a_file_that_cannot_be_written_is_named_and_no_part_of_it_stays(tmp_path):
    path = make_run(tmp_path, **SMALL)
    few_bytes = ["prlimit", "--fsize=20000", REPORT, path]
    ended = subprocess.run(few_bytes, capture_output=True, text=True)
    assert ended.returncode == 1
    *_, last = ended.stderr.strip().split("\n")
    assert "File too large" in last
    assert f"{path}/figures/" in last
    assert [file for file in as_bytes(path) if file.endswith(".new")] == []
    assert not (path / "report.html").exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    path = make_run(tmp_path, **TINY)
    ended = draw(path, {}, "--out", "/proc/elsewhere")
    assert ended.returncode == 1
    *_, last = ended.stderr.strip().split("\n")
    assert last == "report.py: /proc/elsewhere: No such file or directory"


def test_a_folder_that_is_no_run_is_refused_in_one_line(tmp_path):
    ended = subprocess.run([sys.executable, REPORT, tmp_path], capture_output=True, text=True)
    assert ended.returncode == 2
    assert f"{tmp_path}: no manifest.json; expected the folder of a run" in ended.stderr


def test_a_run_without_a_valid_trial_has_a_page_that_says_why(tmp_path):
    path = make_run(tmp_path, systems=["local"], workers=[1], launches=1, invalid=["local w1"])
    page = render(load_run(path), [])
    assert "no trial is valid" in page
    assert "1 of 1 trials are invalid" in page


def test_the_page_shows_the_warnings_of_the_harness(tmp_path):
    path = make_run(tmp_path, workers=[1], launches=1)
    page = render(load_run(path), [])
    # Invalid trials have a table of their own.
    assert "<li>Turbo is &lt;on&gt;.</li>" in page and "a-trial" not in page
    (path / "warnings.json").write_text("[]")
    assert "<p>None.</p>" in render(load_run(path), [])


def test_a_run_that_the_harness_has_not_judged_says_who_does(tmp_path):
    path = make_run(tmp_path, workers=[1], launches=2)
    for name in ("warnings.json", "comparisons.json"):
        (path / name).unlink()
    run = load_run(path)
    assert "this run has not been analysed" in render(run, [])
    with pytest.raises(NotForThisRun, match="./run-experiment report compares them"):
        draw_costs(run)


def test_judgements_may_come_on_stdin(tmp_path):
    path, told = make_run(tmp_path, **CONTRAST), {}
    for name in ("warnings", "comparisons", "contrasts"):
        file = path / f"{name}.json"
        told[name] = json.loads(file.read_text())
        file.unlink()
    before, out = as_bytes(path), tmp_path / "out"
    ended = draw(path, {}, "--judged", "--out", out, given=json.dumps(told))
    assert ended.returncode == 0, ended.stderr
    assert "Turbo is &lt;on&gt;." in (out / "report.html").read_text()
    assert (out / "figures" / "costs.csv").exists()
    assert (out / "figures" / "contrasts.csv").exists()
    assert as_bytes(path) == before


def test_judgements_that_do_not_come_are_an_error(tmp_path):
    ended = draw(make_run(tmp_path, **TINY), {}, "--judged", given="")
    assert ended.returncode == 1
    assert ended.stderr.endswith("expected what the harness concluded from the run\n")


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_when_it_is_ended_its_processes_end_too(tmp_path, ending):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    path = make_run(tmp_path, workers=[1, 2], launches=2, samples=60)
    program = subprocess.Popen(
        [sys.executable, REPORT, path],
        env=os.environ | {"TMPDIR": str(scratch)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: len(processes_of(path)) > 1)
    program.send_signal(ending)
    assert program.wait(30) in (128 + signal.SIGTERM, -signal.SIGKILL)
    wait_until(lambda: not processes_of(path))
    assert ending == signal.SIGKILL or list(scratch.iterdir()) == []


def processes_of(run):
    """The processes that draw that run."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
        except OSError:  # it has ended meanwhile
            continue
        if str(run).encode() in command and b"report.py" in command:
            found.append(process.name)
    return found


def wait_until(holds):
    """Waits for what cannot signal, because it is the child of a child."""
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_cells_are_labelled_and_so_are_browsers_with_flags(tmp_path):
    path = make_run(tmp_path, systems=["rest-wasm"], workers=[1], browser_flags=["no-liftoff"])
    flag = "--js-flags=--no-liftoff"
    trials = path / "trials.jsonl"
    told = json.dumps(["--disable-gpu", flag])
    trials.write_text(trials.read_text().replace("{", f'{{"browser_arguments": {told}, ', 1))
    cell = {"cell": "a cell", "launches": 1, "oversubscribed": True, "non_default_browser": True}
    (path / "summary.json").write_text(json.dumps([cell | {"worst_other_share": 0.0312}]))
    page = render(load_run(path), [])
    assert "3.1 %" in page
    assert "oversubscribed, non-default browser flags" in page
    assert f"--disable-gpu {flag}" in page
