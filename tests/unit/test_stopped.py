"""Ctrl-C and SIGTERM: one line, exit code 1, whatever a library makes of the interrupt."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pipelines import cli
from pipelines.commands import doctor
from pipelines.errors import UserError
from pipelines.failures.isolation import Spared
from pipelines.run.dbt_call import _is_interrupt


def killed(number: int) -> None:
    os.kill(os.getpid(), number)
    signal.pause()


def as_user_error(number: int) -> None:
    try:
        killed(number)
    except KeyboardInterrupt as error:
        raise UserError("step dbt_models failed: KeyboardInterrupt") from error


def within_duckdb(number: int) -> int:
    """DuckDB makes a RuntimeError of it, in a part of a step that may fail on its own: the step must not go on."""
    former = signal.signal(signal.SIGPROF, signal.getsignal(number))
    # With one thread: others are waited for.
    with Spared().part("output", "x", "2026-10", "the writer"), duckdb.connect(config={"threads": 1}) as con:
        signal.setitimer(signal.ITIMER_PROF, 0.2)
        try:
            con.execute("select sum(sqrt(range)) from range(30000000000)")
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, former)
    return 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("work", [killed, as_user_error, within_duckdb])
def test_a_command_that_is_stopped_says_so_and_what_stands(
    work: Callable[[int], object], number: int, tmp_path: Path, monkeypatch, capsys
):
    monkeypatch.setattr(doctor, "doctor", lambda *arguments: work(number))
    former = signal.getsignal(number)
    assert cli.main(["--data", str(tmp_path), "doctor"]) == 1
    assert capsys.readouterr().err == (
        "selfaudit: stopped. The previous publication is unchanged. Run the same command again.\n"
    )
    assert signal.getsignal(number) == former


def test_an_error_that_dbt_makes_of_an_interrupt_is_one():
    outer = RuntimeError("dbt")
    outer.__cause__ = KeyboardInterrupt()
    assert _is_interrupt(outer) and _is_interrupt(KeyboardInterrupt())
    assert not _is_interrupt(RuntimeError("dbt")) and not _is_interrupt(None)


SLEEPS = """
import time
from pipelines import cli
stop = cli._Stop()
stop.GRACE = {grace}
try:
    print("ready", flush=True)
    time.sleep(60)
except KeyboardInterrupt:
    print("asked", flush=True)
    # As a library that does not come back.
    while True:
        try:
            time.sleep(60)
        except BaseException:
            pass
"""


@pytest.mark.parametrize(("grace", "again", "ended_by"), [(60, True, signal.SIGTERM), (0.1, False, signal.SIGALRM)])
def test_a_second_signal_or_an_alarm_ends_what_does_not_stop(grace: float, again: bool, ended_by: int):
    with subprocess.Popen(
        [sys.executable, "-c", SLEEPS.format(grace=grace)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "ready\n"
            process.terminate()
            assert process.stdout.readline() == "asked\n"
            if again:
                process.terminate()
            assert process.wait(timeout=30) == -ended_by
        finally:
            process.kill()
