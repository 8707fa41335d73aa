"""Work in several processes."""

import multiprocessing
import os
import signal
from functools import partial

import pytest

from enxame_figures.processes import in_processes


def fail():
    raise OSError(28, "No space left on device", "/a/file")


def vanish():
    os.kill(os.getpid(), signal.SIGKILL)


def test_results_come_in_the_order_of_the_jobs_and_may_be_large():
    jobs = [partial(bytes, 10**6 + place) for place in range(7)]
    assert [len(result) for result in in_processes(jobs)] == [10**6 + place for place in range(7)]
    assert in_processes([os.getpid]) != [os.getpid()]
    assert in_processes([]) == []


@pytest.mark.parametrize(
    "job, error", [(fail, "No space left on device: '/a/file'"), (vanish, "ended early, with -9")]
)
def test_what_goes_wrong_in_one_is_raised_and_ends_the_others(job, error):
    with pytest.raises((OSError, RuntimeError), match=error):
        in_processes([job, *[signal.pause] * 3])
    assert multiprocessing.active_children() == []
