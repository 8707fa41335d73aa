"""What tests of several figures ask of a drawing."""

import numpy as np
from matplotlib.container import ErrorbarContainer
from matplotlib.lines import Line2D


def assert_nothing_is_empty(figure):
    """Every entry of the legend is drawn, and all axes show something or say why not."""
    drawn = set()
    for axes in filter(lambda axes: axes.axison, figure.axes):
        handles, labels = axes.get_legend_handles_labels()
        found = {label for handle, label in zip(handles, labels) if is_drawn(handle)}
        drawn |= found
        assert found or "too few requests" in [text.get_text() for text in axes.texts]
    for legend in figure.legends:
        assert {text.get_text() for text in legend.get_texts()} <= drawn


def is_drawn(handle):
    if isinstance(handle, ErrorbarContainer):
        return any(len(bars.get_segments()) for bars in handle.lines[2])
    if isinstance(handle, Line2D):
        return bool(np.isfinite(handle.get_xydata()).all(axis=1).any())
    return len(handle.get_path()) > 0
