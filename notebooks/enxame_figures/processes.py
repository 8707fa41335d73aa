"""Jobs in several processes, none of which outlives this one."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from typing import Any, TypeVar

ENDINGS = (signal.SIGINT, signal.SIGTERM)
# Of <sys/prctl.h>.
PR_SET_PDEATHSIG = 1
FORK = multiprocessing.get_context("fork")
CORES = len(os.sched_getaffinity(0))
Result = TypeVar("Result")
# By where its result comes from: the place of a job, and its process.
Running = dict[Connection, tuple[int, ForkProcess]]


def in_processes(jobs: Sequence[Callable[[], Result]]) -> list[Result]:
    """
    What the jobs return, in their order. Each runs in a process of its own, which has all that is
    in memory here; as many at a time as there are cores, the first ones first. What one raises is
    raised here, and ends the others.
    """
    results: dict[int, Result] = {}
    running: Running = {}
    try:
        for place, job in enumerate(jobs):
            if len(running) == CORES:
                _collect(running, results)
            reader, process = _start(job)
            running[reader] = place, process
        while running:
            _collect(running, results)
    finally:
        for _, process in running.values():
            process.kill()
            process.join()
    return [results[place] for place in range(len(jobs))]


def _collect(running: Running, results: dict[int, Any]) -> None:
    """Waits until one of them or more have ended."""
    ready = wait(list(running))
    for reader in [reader for reader in running if reader in ready]:
        place, process = running[reader]
        try:
            failure, result = reader.recv()
        except EOFError:
            process.join()
            raise RuntimeError(f"a process ended early, with {process.exitcode}") from None
        process.join()
        del running[reader]
        if failure is not None:
            raise failure
        results[place] = result


def _start(job: Callable[[], Result]) -> tuple[Connection, ForkProcess]:
    reader, writer = FORK.Pipe(duplex=False)
    process = FORK.Process(target=_run, args=(job, writer, os.getpid()))
    # What a signal raises in the middle of a fork would be lost.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
    # So that the pipe ends with the process.
    writer.close()
    return reader, process


def _run(job: Callable[[], Result], writer: Connection, parent: int) -> None:
    """In the new process, which the system ends when `parent` ends."""
    for ending in ENDINGS:
        signal.signal(ending, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        return
    try:
        writer.send((None, job()))
    except Exception as error:
        writer.send((error, None))
