"""Numbers as people read them: in tables, in prose, in labels."""

from __future__ import annotations

import math

import pandas as pd


def number(value: object) -> str:
    """Three digits, more before the point: `0.0123`, `17.4`, `8,570`; words stay as they are."""
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return "–"
    if isinstance(value, float) and not value.is_integer() and abs(value) < 1000:
        return f"{value:#.3g}".removesuffix(".")
    return f"{value:,.0f}"


def interval(value: float, low: float, high: float) -> str:
    """`17.4 [17.1–17.8]`, without the bounds where they are not known; `–` of what is not known."""
    if pd.isna(low) or pd.isna(value):
        return number(value)
    # A dash between them would look like the sign of a second one that is negative.
    between = "–" if low >= 0 else " to "
    return f"{number(value)} [{number(low)}{between}{number(high)}]"


def with_error(value: float, low: float, high: float, most_decimals: int | None = None) -> str:
    """
    `43 ± 12`: the value to the digit that half of its interval reaches, which has two where it
    begins with 1 or 2, and else one. An error beyond `most_decimals` is rounded up to there.
    """
    half = (high - low) / 2
    if pd.isna(value) or pd.isna(half) or half <= 0:
        return number(value)
    if most_decimals is not None:
        half = max(half, 10.0**-most_decimals)
    place = _first_digit(half)
    if half < 3 * 10.0**place:
        place -= 1
    # Of a value within its error its first digit, in place of 0.
    place = min(place, _first_digit(value)) if value else place
    decimals = max(0, -place)
    if most_decimals is not None:
        decimals = min(decimals, most_decimals)
    return " ± ".join(f"{round(part, -place) + 0.0:,.{decimals}f}" for part in (value, half))


def _first_digit(value: float) -> int:
    """The power of ten of its first digit."""
    return math.floor(math.log10(abs(value)))
