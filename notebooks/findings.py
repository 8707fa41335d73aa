#!/usr/bin/python3
"""
findings.py: writes docs/findings.md from docs/findings.md.jinja and the reference runs, and what
else has numbers of them (PAGES in enxame_figures/output/findings.py), and draws the figures that
are shown there. Prints the path of every file that it wrote.
"""

import argparse

from enxame_figures.output.files import write_whole
from enxame_figures.output.findings import DOCS, draw_shown, render

if __name__ == "__main__":
    argparse.ArgumentParser(prog="findings.py", description=__doc__).parse_args()
    pages = render()
    for page, text in pages.items():
        write_whole(page, text.encode())
    print(*pages, *draw_shown(DOCS / "figures"), sep="\n")
