"""A process that has the libraries of the command loaded, and forks for every call of it: each is a process of its own,
without the seconds of importing.

`run` is `subprocess.run` for `python ARGUMENTS`. Of the project itself nothing is loaded before the fork, so a call
sees its files as they are then, and what runs before it (`-c`) can still change them. The processes that a call starts
itself with `sys.executable` fork from the same process. Holds no test.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import multiprocessing
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# What costs: dbt two seconds, Great Expectations four, Dagster three.
LIBRARIES = (
    "dbt.cli.main",
    "dbt.adapters.duckdb.connections",
    "dbt.parser.manifest",
    "great_expectations",
    "great_expectations.datasource.fluent.pandas_datasource",
    "dagster",
    "dagster_dbt",
    "xlsxwriter",
    "python_calamine",
    "charset_normalizer",
    "polars",
    "duckdb",
    "jinja2",
    "typst",
    "yaml",
)
# In place of the interpreter: hands its arguments and its three files over, waits, and ends with the same code. It
# loads as little as it can.
STAND_IN = """#!{python} -IS
import json, os, socket, sys
said = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
with socket.socket(socket.AF_UNIX) as to:
    to.connect({address!r})
    socket.send_fds(to, [len(said).to_bytes(8, "big")], [0, 1, 2])
    to.sendall(said)
    to.recv(8)
    for n in (0, 1):
        os.close(n)
    ended = to.recv(8)
code = int.from_bytes(ended, "big", signed=True) if ended else 1
if code < 0:
    os.kill(os.getpid(), -code)
os._exit(code)
"""


def _number(value: int) -> bytes:
    return value.to_bytes(8, "big", signed=True)


def _received(connection: socket.socket) -> tuple[list[str], str, dict[str, str], list[int]]:
    """Arguments, folder and environment of a call, and its standard input, output and error."""
    head, files, _, _ = socket.recv_fds(connection, 8, 3)
    size, parts = int.from_bytes(head, "big"), b""
    while len(parts) < size:
        parts += connection.recv(size - len(parts))
    arguments, folder, environment = json.loads(parts)
    return arguments, folder, environment, list(files)


def _become(arguments: list[str], folder: str, environment: dict[str, str], files: list[int], stand_in: str) -> None:
    """Do in this process what the interpreter does with these arguments: `-c CODE`, `-m MODULE` or a file."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  for as long as the process is
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.executable = stand_in
    if arguments[0] == "-c":
        sys.argv = ["-c", *arguments[2:]]
        exec(compile(arguments[1], "<string>", "exec"), {"__name__": "__main__"})
    elif arguments[0] == "-m":
        sys.argv = ["-m", *arguments[2:]]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = arguments
        runpy.run_path(arguments[0], run_name="__main__")


def _serve(address: str, stand_in: str) -> None:
    """Fork for every call that arrives, until standard input ends."""
    for name in LIBRARIES:
        importlib.import_module(name)
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen(16)
        print("ready", flush=True)
        while True:
            ready, _, _ = select.select([server, sys.stdin], [], [])
            if sys.stdin in ready:  # the process that asked for this one is gone
                os._exit(0)
            connection, _ = server.accept()
            if os.fork() == 0:
                break
            connection.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    call = _received(connection)
    # Ends without taking the libraries apart, which takes long and is complained of.
    worker = multiprocessing.get_context("fork").Process(target=_become, args=(*call, stand_in))
    worker.start()
    for file in call[3]:
        os.close(file)
    try:
        assert worker.pid is not None
        connection.sendall(_number(worker.pid))
        worker.join()
        connection.sendall(_number(worker.exitcode or 0))
    finally:
        os._exit(0)


@cache
def _server() -> tuple[str, str]:
    """Address of the process, which is started when it is first asked for and ends with this one, and its stand-in
    for the interpreter."""
    folder = tempfile.mkdtemp(prefix="preloaded-")
    address, stand_in = f"{folder}/calls", Path(folder) / "python"
    stand_in.write_text(STAND_IN.format(python=sys.executable, address=address))
    stand_in.chmod(0o755)
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("SELFAUDIT", "DAGSTER", "DBT"))}
    # The modules of the project are compiled once and not in every fork.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    code = f"from tests.preloaded import _serve; _serve({address!r}, {str(stand_in)!r})"
    server = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    atexit.register(server.kill)
    assert server.stdout is not None and server.stdout.readline() == b"ready\n", "the libraries cannot be loaded"
    return address, str(stand_in)


def run(
    arguments: Sequence[str], environment: Mapping[str, str], folder: Path = ROOT, timeout: float = 900
) -> tuple[int, str]:
    """Exit code (negative: the signal that ended it) and what was said: standard output, then standard error.

    Raises TimeoutError, and ends the process, after so many seconds.
    """
    address, _ = _server()
    said = json.dumps([list(arguments), str(folder), dict(environment)]).encode()
    with (
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
        Path(os.devnull).open("rb") as nothing,
        socket.socket(socket.AF_UNIX) as to,
    ):
        to.settimeout(timeout)
        to.connect(address)
        socket.send_fds(to, [_number(len(said))], [f.fileno() for f in (nothing, out, err)])
        to.sendall(said)
        worker = int.from_bytes(to.recv(8), "big", signed=True)
        try:
            code = int.from_bytes(to.recv(8), "big", signed=True)
        except TimeoutError:
            os.kill(worker, signal.SIGKILL)
            raise
        for file in (out, err):
            file.seek(0)
        return code, (out.read() + err.read()).decode()
