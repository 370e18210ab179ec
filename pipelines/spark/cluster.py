"""`python -m pipelines.spark.cluster --lake DIR -- COMMAND`: Spark on this machine for as long as a command runs.

A master, workers and a Spark Connect server, processes of their own on loopback, as on a cluster; or with `--workers 0`
one process that does all of it. The command finds the server by SPARK_REMOTE. Stops what it started and nothing else.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from time import monotonic, sleep

from pipelines.settings import environment_of_spark

LOOPBACK = "127.0.0.1"
START_SECONDS = 180.0
DAEMON_MEMORY = "256m"
# Folder of the lake for the tables that Spark makes.
TABLES = "tables"
DEPLOY = "org.apache.spark.deploy"
SERVER = "org.apache.spark.sql.connect.service.SparkConnectServer"


class StartError(RuntimeError):
    """Spark did not start; the message says which process, why, and where its log is."""


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as asked:
        asked.bind((LOOPBACK, 0))
        return int(asked.getsockname()[1])


@contextmanager
def running(lake: Path, workers: int = 2, memory: str = "1g", driver_memory: str = "2g") -> Iterator[str]:
    """The address of a Spark Connect server, which keeps its tables under `lake`. The catalogue ends with the server.

    workers: processes that work, one core each; 0: the server itself does, with two threads. memory: of each of them;
    driver_memory: of the server. Logs are in `lake`/logs. Raises StartError.
    """
    processes = _Processes(_home(), lake)
    # Tables of a catalogue that ended stand in the way of new ones.
    shutil.rmtree(lake / TABLES, ignore_errors=True)
    try:
        master = _start_workers(processes, workers, memory) if workers else "local[2]"
        port = free_port()
        command = ["--class", SERVER, "--master", master, "--driver-memory", driver_memory]
        command += [*_configuration(lake, port, memory), "spark-internal"]
        processes.start("server", driver_memory, "spark-submit", *command)
        processes.wait("server", port)
        yield f"sc://{LOOPBACK}:{port}"
    finally:
        processes.stop()


def _home() -> Path:
    """The folder of PySpark, which holds Spark's own programs. Raises StartError where something is missing."""
    if not shutil.which("java"):
        raise StartError(
            "Spark needs Java 17, and no `java` is on the path; on Debian: apt-get install -y openjdk-17-jre-headless"
        )
    found = find_spec("pyspark")
    if found is None or found.origin is None:
        raise StartError("PySpark is not in this environment; `make spark` makes one that has it")
    return Path(found.origin).parent


def _start_workers(processes: _Processes, workers: int, memory: str) -> str:
    """The address of a master that has these workers."""
    port = free_port()
    master = f"spark://{LOOPBACK}:{port}"
    web = ("--webui-port", "0")
    listens = ("--host", LOOPBACK, "--port", str(port))
    processes.start("master", DAEMON_MEMORY, "spark-class", f"{DEPLOY}.master.Master", *listens, *web)
    processes.wait("master", port)
    for number in range(1, workers + 1):
        has = ("--cores", "1", "--memory", memory, master)
        name = f"worker-{number}"
        processes.start(name, DAEMON_MEMORY, "spark-class", f"{DEPLOY}.worker.Worker", "--host", LOOPBACK, *web, *has)
    return master


class _Processes:
    """Processes of Spark that are started one after the other and stopped in the opposite order."""

    def __init__(self, home: Path, lake: Path) -> None:
        self._home, self._lake, self._logs = home, lake, lake / "logs"
        self._logs.mkdir(parents=True, exist_ok=True)
        self._environment = environment_of_spark(
            SPARK_HOME=str(home),
            SPARK_LOCAL_IP=LOOPBACK,
            SPARK_NO_DAEMONIZE="1",
            PYSPARK_PYTHON=sys.executable,
        )
        self._started: list[tuple[str, subprocess.Popen[bytes]]] = []

    def start(self, name: str, heap: str, program: str, *arguments: str) -> None:
        """Start a program of Spark. heap: memory of a daemon."""
        # A folder of its own: each leaves files where it works.
        folder = self._lake / "processes" / name
        folder.mkdir(parents=True, exist_ok=True)
        environment = self._environment | {"SPARK_DAEMON_MEMORY": heap}
        command = [str(self._home / "bin" / program), *arguments]
        with (self._logs / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env=environment)
        self._started.append((name, process))

    def wait(self, name: str, port: int) -> None:
        """Until somebody listens on the port. Raises StartError."""
        end = monotonic() + START_SECONDS
        while monotonic() < end:
            for other, process in self._started:
                if process.poll() is not None:
                    raise StartError(
                        f"Spark's {other} ended with {process.returncode}; its log: {self._logs / f'{other}.log'}"
                    )
            with socket.socket() as asked:
                if asked.connect_ex((LOOPBACK, port)) == 0:
                    return
            sleep(0.3)
        raise StartError(
            f"Spark's {name} did not start in {START_SECONDS:.0f} s; its log: {self._logs / f'{name}.log'}"
        )

    def stop(self) -> None:
        """End them all, by force after 20 s."""
        for _, process in reversed(self._started):
            process.terminate()
        for _, process in reversed(self._started):
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _configuration(lake: Path, port: int, memory: str) -> list[str]:
    """What the server is told at its start; what a session may choose is in dbt_project/profiles.yml."""
    found = {
        "spark.connect.grpc.binding.address": LOOPBACK,
        "spark.connect.grpc.binding.port": port,
        "spark.driver.bindAddress": LOOPBACK,
        "spark.executor.memory": memory,
        "spark.executor.cores": 1,
        "spark.ui.enabled": "false",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.warehouse.dir": lake / TABLES,
        "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
        "spark.sql.shuffle.partitions": 2,
        "spark.default.parallelism": 2,
    }
    return [word for name, value in found.items() for word in ("--conf", f"{name}={value}")]


def main(arguments: list[str] | None = None) -> int:
    """The exit code of the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lake", type=Path, required=True, help="folder for tables and logs")
    parser.add_argument("--workers", type=int, default=2, help="processes that work; 0: the server itself does")
    parser.add_argument("--memory", default="1g", help="of each worker (1g)")
    parser.add_argument("--driver-memory", default="2g", help="of the server (2g)")
    parser.add_argument("command", nargs="+", help="what is run, after --")
    given = parser.parse_args(arguments)
    # Whoever ends this process ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        with running(given.lake.resolve(), given.workers, given.memory, given.driver_memory) as address:
            return subprocess.run(given.command, env=environment_of_spark(address), check=False).returncode
    except StartError as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
