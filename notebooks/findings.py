#!/usr/bin/python3
"""
findings.py: writes docs/findings.md from docs/findings.md.jinja and the reference runs, and draws
the figures that it shows. Prints the path of every file that it wrote.
"""

import argparse

from enxame_figures.output.files import write_whole
from enxame_figures.output.findings import DOCS, PAGE, draw_shown, render

if __name__ == "__main__":
    argparse.ArgumentParser(prog="findings.py", description=__doc__).parse_args()
    write_whole(PAGE, render().encode())
    print(PAGE, *draw_shown(DOCS / "figures"), sep="\n")
