"""Figures, tables and numbers for papers, which load booktabs, graphicx and siunitx."""

from __future__ import annotations

import re
import textwrap

import pandas as pd

from enxame_figures import style
from enxame_figures.output.numbers import number

# Of a table in 8 pt, the characters that a column of a page of two has room for.
COLUMN_CHARACTERS = 46
# What LaTeX would read as something else, or has no letter for.
WRITTEN = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "–": "--",
    "−": "$-$",
    "×": r"$\times$",
    "±": r"$\pm$",
    "→": r"$\rightarrow$",
    "²": r"\textsuperscript{2}",
    "µ": r"\textmu{}",
    "κ": r"$\kappa$",
    "σ": r"$\sigma$",
    "≤": r"$\leq$",
    "‘": "`",
    "’": "'",
    "\N{NO-BREAK SPACE}": "~",
}
# By what the names of measures end in.
UNITS = {"_ms": r"\milli\second", "_per_s": r"\per\second", "_share": r"\percent"}
UNITS |= {"_ms2": r"\milli\second\squared"}
# A number, alone or with its interval or error, as numbers.py writes them.
NUMBER = r"[−-]?[\d,]+(?:\.\d+)?"
VALUE = re.compile(rf"({NUMBER})(?: \[({NUMBER})(?:–| to )({NUMBER})\]| ± ({NUMBER}))?")


def escaped(text: str) -> str:
    """The text, so that LaTeX prints it."""
    return "".join(WRITTEN.get(letter, letter) for letter in text)


def figure(name: str, caption: str, width_in: float) -> str:
    """
    A figure as wide as a column, or as the page where it was drawn for it. The paper's
    \\graphicspath leads to its file.
    """
    return _float(
        "figure",
        width_in > style.COLUMN_IN,
        [rf"\includegraphics[width=\linewidth]{{{name}.pdf}}", _caption(caption)],
        f"fig:{name}",
    )


def table(rows: pd.DataFrame, caption: str, label: str) -> str:
    """
    A table of what these columns say, numbers aligned at their points; as wide as a column, or as
    the page where it needs that, and smaller where even that would not do.
    """
    columns = [_column(heading, list(rows[heading])) for heading in rows]
    kinds = "".join(kind for kind, _, _ in columns)
    headings = " & ".join(heading for _, heading, _ in columns)
    cells = zip(*(cells for _, _, cells in columns))
    body = [" & ".join(row) + r" \\" for row in cells]
    wide = _characters(rows) > COLUMN_CHARACTERS
    lines = [_caption(caption), r"\footnotesize", r"\setlength{\tabcolsep}{3pt}"]
    # Only where it is wider than there is room for.
    lines += [r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%"]
    lines += [rf"\begin{{tabular}}{{@{{}}{kinds}@{{}}}}", r"\toprule", headings + r" \\"]
    lines += [r"\midrule", *body, r"\bottomrule", r"\end{tabular}}"]
    return _float("table", wide, lines, f"tab:{label}")


def with_unit(told: dict, measure: str) -> tuple[str, str]:
    """
    An estimate of the harness as siunitx prints it, with the unit that the measure's name ends in,
    and its interval in brackets, empty where it has none.
    """
    suffix = next((end for end in UNITS if measure.endswith(end)), "")
    factor = 100 if suffix == "_share" else 1
    value, low, high = (
        None if bound is None else number(float(factor * bound)).replace(",", "")
        for bound in (told.get(part) for part in ("value", "low", "high"))
    )
    print_value = rf"\qty{{{value}}}{{{UNITS[suffix]}}}" if suffix else _num(str(value))
    if low is None or high is None:
        return print_value, ""
    return print_value, rf"[\numrange[range-phrase={{--}}]{{{low}}}{{{high}}}]"


def _float(kind: str, wide: bool, lines: list[str], label: str) -> str:
    name = f"{kind}*" if wide else kind
    begin, end = rf"\begin{{{name}}}", rf"\end{{{name}}}"
    return "\n".join([begin, r"\centering", *lines, rf"\label{{{label}}}", end, ""])


def _caption(text: str) -> str:
    return "\n".join(textwrap.wrap(rf"\caption{{{escaped(text)}}}", 100, break_on_hyphens=False))


def _characters(rows: pd.DataFrame) -> int:
    return sum(max(len(heading), *map(len, rows[heading])) + 1 for heading in rows)


def _column(heading: str, values: list[str]) -> tuple[str, str, list[str]]:
    """The kind of a column, or of two, its heading and its cells."""
    found = [VALUE.fullmatch(value) for value in values]
    if not any(found) or not all(match or value == "–" for match, value in zip(found, values)):
        return "l", escaped(heading), [escaped(value) for value in values]
    plain = [match[1].replace(",", "").replace("−", "-") if match else "" for match in found]
    whole, decimals = zip(*((value.partition(".")[::2]) for value in plain if value))
    digits = max(len(digits.lstrip("-")) for digits in whole)
    sign = "-" if any(value[:1] == "-" for value in plain) else ""
    kind = f"S[table-format={sign}{digits}.{max(map(len, decimals))}]"
    values = [value or "{--}" for value in plain]
    if not any(match and (match[2] or match[4]) for match in found):
        return kind, f"{{{escaped(heading)}}}", values
    behind = [_behind(match) for match in found]
    both = [f"{value} & {words}" for value, words in zip(values, behind)]
    return f"{kind}@{{\\,}}l", rf"\multicolumn{{2}}{{c}}{{{escaped(heading)}}}", both


def _behind(match: re.Match | None) -> str:
    """What follows a value: its interval or its error."""
    if match and match[2]:
        between = "--" if match[2][0] not in "-−" else " to "
        return rf"[{_num(match[2])}{between}{_num(match[3])}]"
    return rf"$\pm$\,{_num(match[4])}" if match and match[4] else ""


def _num(digits: str) -> str:
    return rf"\num{{{digits.replace(',', '').replace('−', '-')}}}"
