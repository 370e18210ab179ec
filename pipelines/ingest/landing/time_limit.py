"""A limit on the processor time that one file may take, whatever it does to its reader.

Processor time and not that of the clock: a busy machine refuses no file. Works in the main thread only, as signals do;
elsewhere there is no limit. What a child process takes is limited where it is started.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType

import duckdb

# Once the time is over the reader is interrupted again and again: it may be reading an archive member by member.
AGAIN = 1.0


class TimeIsOverError(Exception):
    """The processor time for a file is used up."""


class TimeLimit:
    """Interrupts the block once it took so many seconds, and raises TimeIsOverError then, whatever a library made of
    the interruption.

    con: the connection whose statement is interrupted; its threads would go on else, and it would wait for them.
    `is_over` tells afterwards, also where the block itself caught what was raised.
    """

    def __init__(self, seconds: float, con: duckdb.DuckDBPyConnection) -> None:
        self.seconds, self.con = seconds, con
        self.is_over = False
        self._is_possible = hasattr(signal, "SIGPROF") and threading.current_thread() is threading.main_thread()

    def __enter__(self) -> TimeLimit:
        if self._is_possible:
            self._former = signal.signal(signal.SIGPROF, self._interrupt)
            signal.setitimer(signal.ITIMER_PROF, self.seconds, AGAIN)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _trace: object) -> None:
        if self._is_possible:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, self._former)
        if self.is_over and isinstance(error, Exception) and not isinstance(error, TimeIsOverError):
            raise TimeIsOverError from error

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self.is_over = True
        self.con.interrupt()
        raise TimeIsOverError
