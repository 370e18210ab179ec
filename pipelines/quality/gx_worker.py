"""Great Expectations in a process of its own beside the run: importing it takes seconds of one core, and judging needs
nothing of the warehouse.

Holds that process and how questions reach it. What is judged and how is `gx`; without the process `judge` does the same
work in the run itself.
"""

from __future__ import annotations

import atexit
import pickle
import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from os import dup, dup2, fdopen
from pathlib import Path
from typing import Any

from pipelines.quality.suites import Expectation
from pipelines.quality.verdict import Verdict

_running: list[Judges] = []


class Judges:
    """The process and the one thread that talks to it, question by question. It ends with the run, however that ends:
    its input is closed.
    """

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pipelines.quality.gx_worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._thread = ThreadPoolExecutor(1)
        atexit.register(self.close)

    def ask(self, name: str, drop: str, rows: Path, suite: Sequence[Expectation]) -> Future[list[Verdict]]:
        """The verdicts to come over the rows in a file of `gx.write_rows`. The future raises what judging raised,
        OSError or EOFError if the process is gone.
        """
        return self._thread.submit(self._exchange, (name, drop, rows, list(suite)))

    def _exchange(self, task: tuple[Any, ...] | None) -> list[Verdict]:
        assert self._process.stdin is not None and self._process.stdout is not None
        pickle.dump(task, self._process.stdin)
        self._process.stdin.flush()
        answer = pickle.load(self._process.stdout)
        if isinstance(answer, Exception):
            raise answer
        return list(answer)

    def wait_until_loaded(self) -> None:
        """Wait until the process has loaded the library."""
        self._thread.submit(self._exchange, None).result()

    def close(self) -> None:
        """End the process."""
        self._thread.shutdown(cancel_futures=True)
        self._process.kill()
        self._process.communicate()


def start() -> None:
    """Start the process unless it runs already. Called where a run begins, so that it loads while the run loads its own
    libraries.
    """
    if not _running:
        _running.append(Judges())


def running() -> Judges | None:
    """The process, if it was started."""
    return _running[0] if _running else None


def main() -> None:
    """The process itself: tasks come on standard input, verdicts leave on standard output, both as pickles of this
    program.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the run decides; it closes the input
    answers = fdopen(dup(1), "wb")
    dup2(2, 1)  # whatever a library prints must not meet the answers
    from pipelines.quality import gx

    gx.load()
    while True:
        try:
            task = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        try:
            answer: Any = gx.judge_file(*task) if task else []
        except Exception as error:  # handed to the run, which raises it
            answer = RuntimeError(f"{type(error).__name__}: {error}")
        pickle.dump(answer, answers)
        answers.flush()


if __name__ == "__main__":
    main()
