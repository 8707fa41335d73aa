"""Numbers as people read them, and tables and macros of them."""

import json

import pandas as pd
import pytest

from enxame_figures import load_run
from enxame_figures.output import latex
from enxame_figures.output.macros import macros_of
from enxame_figures.output.numbers import interval, number, with_error
from enxame_figures.output.tables import Table, html, save
from made_up_run import make_run

NAN = float("nan")
ROWS = pd.DataFrame(
    {
        "line": ["rpc-tcp", "rest-wasm"],
        "launches": [3, 3],
        "x": [0.0123, 8570.0],
        "x_low": [0.01, NAN],
        "x_high": [0.015, NAN],
        "verdict": [None, "slower"],
    }
)
HEADINGS = {"line": "system", "x": "response (ms)", "verdict": "verdict"}


def test_numbers_have_three_digits_and_what_is_not_known_is_a_dash():
    told = [0.0123, 17.42, 8570.0, 3, NAN, None, "a word"]
    assert [*map(number, told)] == ["0.0123", "17.4", "8,570", "3", "–", "–", "a word"]


@pytest.mark.parametrize(
    "bounds, words",
    [
        ((17.4, 17.1, 17.8), "17.4 [17.1–17.8]"),
        ((1.2, -0.5, 2.9), "1.20 [-0.500 to 2.90]"),
        ((17.4, NAN, NAN), "17.4"),
        ((NAN, 1, 2), "–"),
    ],
)
def test_brackets_hold_an_interval(bounds, words):
    assert interval(*bounds) == words


@pytest.mark.parametrize(
    "value, half, decimals, words",
    [
        (43.51, 11.6, 1, "44 ± 12"),
        (43.51, 2.4, 1, "43.5 ± 2.4"),
        (43.51, 3.4, 1, "44 ± 3"),
        (0.71, 0.21, 1, "0.7 ± 0.2"),
        (12.94, 0.004, 1, "12.9 ± 0.1"),
        (0.0, 0.004, 1, "0.0 ± 0.1"),
        (17.42, 0.34, None, "17.4 ± 0.3"),
        (0.0299, 0.0102, None, "0.030 ± 0.010"),
        (103, 2045, None, "100 ± 2,000"),
        (1243, 378, None, "1,200 ± 400"),
        (17.42, 0, None, "17.4"),
        (17.42, NAN, None, "17.4"),
        (NAN, 1, None, "–"),
    ],
)
def test_a_value_is_told_as_exactly_as_its_error_allows(value, half, decimals, words):
    assert with_error(value, value - half, value + half, decimals) == words


def test_tables_say_what_their_brackets_are_and_what_is_not_known(tmp_path):
    save(tmp_path, "a", Table(ROWS, HEADINGS), "What is shown")
    markdown = (tmp_path / "a.md").read_text()
    assert "0.0123 [0.0100–0.0150]" in markdown and "8,570 " in markdown
    assert "| –" in markdown
    assert markdown.endswith("\n\nIn brackets: 95 % intervals over 3 launches.\n")
    assert "In brackets: 95 % intervals over 3 launches." in html(Table(ROWS, HEADINGS))
    inexact = Table(ROWS, HEADINGS, plus_minus=True, widened_by=", and more")
    assert inexact.note == "±: half of the 95 % intervals over 3 launches, and more."
    assert inexact.for_people["response (ms)"].tolist() == ["0.0123 ± 0.0025", "8,570"]
    alone = ROWS.assign(x_low=NAN, x_high=NAN)
    assert Table(alone, HEADINGS).note == ""


def test_in_latex_numbers_are_aligned_and_intervals_stand_next_to_them(tmp_path):
    save(tmp_path, "a", Table(ROWS, HEADINGS), "What is shown")
    text = (tmp_path / "a.tex").read_text()
    assert r"\begin{tabular}{@{}lS[table-format=4.4]@{\,}ll@{}}" in text
    assert r"rpc-tcp & 0.0123 & [\num{0.0100}--\num{0.0150}] & -- \\" in text
    assert r"rest-wasm & 8570 &  & slower \\" in text
    assert r"\caption{What is shown. In brackets: 95 \% intervals over 3 launches.}" in text
    assert r"\label{tab:a}" in text and text.startswith(r"\begin{table}")


def test_in_latex_a_column_of_numbers_may_have_gaps_and_signs_and_words_are_escaped():
    rows = pd.DataFrame({"n": ["8", "–", "1,024"], "a_b": ["-1.5 [-2.0 to -1.0]", "–", "3 ± 1"]})
    text = latex.table(rows, "50 % of R&D → 1 µs", "x")
    assert r"S[table-format=4.0]S[table-format=-1.1]@{\,}l" in text
    assert r"8 & -1.5 & [\num{-2.0} to \num{-1.0}] \\" in text
    assert r"{--} & {--} &  \\" in text and r"1024 & 3 & $\pm$\,\num{1} \\" in text
    assert r"{n} & \multicolumn{2}{c}{a\_b} \\" in text
    assert r"50 \% of R\&D $\rightarrow$ 1 \textmu{}s" in text


def test_macros_have_every_estimate_of_the_run_with_its_unit_and_interval(tmp_path):
    path = make_run(tmp_path, workers=[1], launches=2)
    told = {"value": 17.42, "low": 17.1, "high": 17.8, "launches": 3}
    cell = {"cell": "rest-wasm w1", "launches": 3, "median_response_ms": told}
    cell |= {"compute_share": {"value": 0.0812}, "p95_response_ms": {"value": None}}
    (path / "summary.json").write_text(json.dumps([cell]))
    text = macros_of(load_run(path))
    begin = r"\enxameset{made-up}{rest-wasm w1}"
    response = r"{\qty{17.4}{\milli\second}}{[\numrange[range-phrase={--}]{17.1}{17.8}]}"
    assert begin + "{median_response_ms}" + response in text
    assert begin + r"{compute_share}{\qty{8.12}{\percent}}{}" in text
    assert "p95_response_ms" not in text
    ratio = r"\enxameset{made-up}{rest-wasm w1 over local w1}{response_ratio}{\num{6}}"
    assert ratio in text
    assert r"\csname enxame/made-up/rest-wasm w1/launches\endcsname{3}" in text


def test_where_launches_were_lost_the_note_has_both_counts():
    rows = ROWS.assign(launches=[2, 3])
    assert "over 2 to 3 launches" in Table(rows, HEADINGS).note
