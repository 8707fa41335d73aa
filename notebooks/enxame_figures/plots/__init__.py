"""A module for each figure: a function that draws it of a run, and the numbers that it shows."""
