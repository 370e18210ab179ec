"""The single dbt call of a run, inside this process: manifest, build, results as plain data.

Independent of Dagster; `pipelines/defs/transform.py` converts the results to materialisations and checks.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any

import duckdb

from pipelines.errors import is_of_surroundings
from pipelines.settings import DBT_PROJECT, Settings

# Files that dbt produces from the project once: the manifest for readers, the same for dbt, and the fingerprint of the
# project.
PARSED = ("manifest.json", "partial_parse.msgpack")
STAMP = "manifest.fingerprint"
PREPARED = DBT_PROJECT / "target" / "prepared"
# Next to them: the columns of every model, for models that fail and so cannot report theirs, and every model and test
# as compiled by dbt.
COLUMNS = "columns.json"
STATEMENTS = "statements.json"
# Logging every statement would cost a tenth of the run, and the message of a failing one includes the cell, which must
# not be kept in a log. The manifest is already written.
QUIET = ["--quiet", "--log-level-file", "none", "--no-write-json"]

# The tag of tests of unpublished models. They serve development of the models and are not part of a review.
UNPUBLISHED = "unpublished"
VIEWS = ["config.materialized:view"]
NOT_IN_A_REVIEW = ["--exclude", "resource_type:unit_test", f"tag:{UNPUBLISHED}"]

OUT_OF_MEMORY = re.compile("Out of Memory Error", re.IGNORECASE)
# After this many seconds the current model is reported.
LONG_SECONDS = 20.0


@dataclass(frozen=True)
class NodeResult:
    """Result of one dbt node: unique_id, resource_type, status (success, pass, warn, error, fail, skipped), seconds,
    message, failures.

    sql: for a test that found rows, the statement that finds them.
    """

    unique_id: str
    resource_type: str
    status: str
    seconds: float
    message: str
    failures: int
    sql: str = ""

    @property
    def failed(self) -> bool:
        """Whether it ran and did not succeed; a skipped node did not run."""
        return self.status in {"error", "fail", "runtime error"}

    @property
    def name(self) -> str:
        """The name of the model or test."""
        return self.unique_id.split(".")[2]


class TransformError(RuntimeError):
    """dbt stopped; the message names the model and the database error. nodes: results up to that point."""

    def __init__(self, message: str, nodes: Sequence[NodeResult] = ()) -> None:
        super().__init__(message)
        self.nodes = list(nodes)


def _common_arguments(settings: Settings) -> list[str]:
    return [
        "--project-dir",
        str(DBT_PROJECT),
        "--profiles-dir",
        str(DBT_PROJECT),
        "--target-path",
        str(settings.dbt_target),
        "--log-path",
        str(settings.dbt_target / "logs"),
        "--no-send-anonymous-usage-stats",
        # The command reports a failure once.
        "--log-level",
        "none",
    ]


# The project's fingerprint during a run, which needs it a dozen times.
_known: list[str] = []


@contextmanager
def project_as_it_is() -> Iterator[None]:
    """Assume within the block that the project does not change, so that a run reads its files once."""
    _known.append(project_fingerprint())
    try:
        yield
    finally:
        _known.clear()


def project_fingerprint() -> str:
    """SHA-256 of every file of the dbt project and its seeds except unit tests: identifies the models."""
    if _known:
        return _known[0]
    digest = hashlib.sha256()
    for path in sorted(DBT_PROJECT.rglob("*")):
        if path.name.startswith("_unit_tests") or "target" in path.parts:
            continue
        if path.is_file() and path.suffix in {".sql", ".py", ".yml", ".csv"}:
            digest.update(str(path.relative_to(DBT_PROJECT)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def has_results(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether dbt has created published tables in this warehouse."""
    return bool(
        connection.execute(
            "select count(*) from duckdb_tables() where schema_name = 'calendar' and table_name = 'rule_runs'"
        ).fetchall()[0][0]
    )


def prepare_manifest(settings: Settings) -> Path:
    """Path of an up-to-date manifest.json of the dbt project: the one prepared by `make install`, or parsed again if a
    file of the project has changed.
    """
    settings.apply_to_environment()
    fingerprint = _fingerprint()
    if not _is_parsed(settings, fingerprint):
        _invoke(["parse", "--quiet", *_common_arguments(settings)])
        (settings.dbt_target / STAMP).write_text(fingerprint)
    return settings.dbt_target / "manifest.json"


def _fingerprint() -> str:
    # Specific to this version of dbt: another one may use another manifest format.
    return f"{project_fingerprint()} dbt {version('dbt-core')}"


def _is_parsed(settings: Settings, fingerprint: str) -> bool:
    """Whether the data folder has the parsed project of this fingerprint, after copying what was prepared."""
    if _is_of(settings.dbt_target, fingerprint):
        return True
    if not _is_of(PREPARED, fingerprint):
        return False
    settings.dbt_target.mkdir(parents=True, exist_ok=True)
    for name in (*PARSED, STAMP):  # the stamp last: it marks the others as complete
        shutil.copyfile(PREPARED / name, settings.dbt_target / name)
    return True


def prepared_file(name: str) -> Path | None:
    """A file that `make install` prepared from the present project; None if the project has been edited since."""
    path = PREPARED / name
    return path if _is_of(PREPARED, _fingerprint()) and path.is_file() else None


def _is_of(folder: Path, fingerprint: str) -> bool:
    stamp = folder / STAMP
    return all((folder / name).is_file() for name in (STAMP, *PARSED)) and stamp.read_text() == fingerprint


# The project loaded by a thread, at most one.
_begun: list[Future[Any]] = []


def begin_loading(settings: Settings) -> None:
    """Load dbt and the project in a thread, for the single build that follows in this process, using time in which
    ingestion leaves the processor idle.

    Not started if the project must be parsed first: parsing must not run while a connection is open.
    """
    settings.apply_to_environment()
    if not _begun and _is_parsed(settings, _fingerprint()):
        threads = ThreadPoolExecutor(1)
        _begun.append(threads.submit(_load, settings))
        threads.shutdown(wait=False)


def wait_until_loaded() -> None:
    """Wait until a load started by `begin_loading` is complete."""
    for loading in _begun:
        loading.result()


def _parsed(settings: Settings) -> Any:
    """The parsed project, usable once: dbt modifies it."""
    return _begun.pop().result() if _begun else _load(settings)


def _load(settings: Settings) -> Any:
    """The parsed project in dbt's own form, so that dbt neither reads nor compares the project's files again."""
    import dbt.adapters.duckdb.connections
    import dbt.cli.main  # noqa: F401  what `_invoke` needs
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    prepare_manifest(settings)
    manifest = Manifest.from_msgpack(
        (settings.dbt_target / "partial_parse.msgpack").read_bytes(), decoder=extended_mashumuro_decoder
    )
    manifest.build_flat_graph()
    return manifest


def _is_interrupt(error: BaseException | None) -> bool:
    """Whether the user stopped the run while dbt worked."""
    while error is not None:
        if isinstance(error, KeyboardInterrupt):
            return True
        error = error.__cause__ or error.__context__ or getattr(error, "exception", None)
    return False


def _invoke(arguments: list[str], manifest: Any = None, on_event: Callable[[Any], None] | None = None) -> Any:
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner

    logging.getLogger("asyncio").setLevel(logging.WARNING)
    # An unwritable log (full disk) must not print a stack trace for every line.
    complains, logging.raiseExceptions = logging.raiseExceptions, False
    try:
        result = dbtRunner(manifest, callbacks=[on_event] if on_event else []).invoke(arguments)
    finally:
        logging.raiseExceptions = complains
        # dbt keeps the file locked after it returns.
        DuckDBConnectionManager.close_all_connections()
    if _is_interrupt(result.exception):
        raise KeyboardInterrupt  # dbt wraps it in an error of its own
    if result.exception:
        raise TransformError(f"dbt could not run: {result.exception}") from result.exception
    return result.result


class _Steps:
    """Reports the progress of a dbt call: every 25 models and tests, and the current model if it takes long."""

    def __init__(self, progress: Callable[[str], None]) -> None:
        self.progress = progress
        self.running: dict[str, float] = {}
        self.done = self.total = 0
        self.ended = Event()

    def __enter__(self) -> _Steps:
        self.ticker = Thread(target=self._tick, daemon=True)
        self.ticker.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.ended.set()
        self.ticker.join()

    def on_event(self, event: Any) -> None:
        """Handle an event of dbt."""
        if event.info.name == "LogStartLine":
            self.total = int(event.data.total)
            self.running[str(event.data.node_info.node_name)] = monotonic()
        elif event.info.name in {"LogModelResult", "LogTestResult"}:
            self.running.pop(str(event.data.node_info.node_name), None)
            self.done += 1
            if self.done % 25 == 0:
                self.progress(f"{self.done} of {max(self.total, self.done)} models and tests done")

    def _tick(self) -> None:
        while not self.ended.wait(LONG_SECONDS):
            now = monotonic()
            long = [f"{n} ({now - t:.0f} s)" for n, t in sorted(self.running.copy().items()) if now - t >= LONG_SECONDS]
            if long:
                self.progress(f"{self.done} of {self.total} models and tests done; working on {', '.join(long)}")


def build(
    settings: Settings,
    progress: Callable[[str], None] = lambda message: None,
    models: Sequence[str] = (),
    views_stand: bool = False,
    tests: Sequence[str] | None = None,
) -> list[NodeResult]:
    """Run and test every model, or only those named, for the months of raw.run_month. A failed model is a result, and
    models that read it are skipped.

    views_stand: the views of the project already exist and are left unchanged. tests: the tests to run, if not all
    tests of the models; without models nothing else is run.

    Models that ran out of memory are run once more, one at a time and with one thread. Raises TransformError if dbt
    itself cannot run, or if a model failed because of its environment (a full disk), which affects all of them.
    """
    with _Steps(progress) as steps:
        chosen = ["--select", *models, *(tests or ())] if models or tests is not None else []
        chosen += ["--indirect-selection", "empty"] if tests is not None else []
        nodes = _build(settings, chosen, steps, VIEWS if views_stand else ())
        failed = [n for n in nodes if n.failed]
        if failed and all(OUT_OF_MEMORY.search(n.message) for n in failed):
            progress(f"{', '.join(n.name for n in failed)} ran out of memory; once more with one thread")
            left = [n.name for n in nodes if n.failed or n.status == "skipped"]
            steps.done = steps.total = 0
            try:
                nodes += _build(replace(settings, threads=1), ["--threads", "1", "--select", *left], steps)
            finally:
                settings.apply_to_environment()
    # The last result of each counts.
    nodes = list({n.unique_id: n for n in nodes}.values())
    if failed_by := next((n for n in nodes if n.failed and is_of_surroundings(n.message)), None):
        raise TransformError(f"{failed_by.unique_id}: {failed_by.message.strip()}", nodes)
    return nodes


def _build(settings: Settings, chosen: Sequence[str], steps: _Steps, left_out: Sequence[str] = ()) -> list[NodeResult]:
    settings.apply_to_environment()
    arguments = ["build", *QUIET, *chosen, *NOT_IN_A_REVIEW, *left_out, *_common_arguments(settings)]
    return _results(_invoke(arguments, _parsed(settings), steps.on_event))


def compile_models(settings: Settings) -> list[dict[str, Any]]:
    """Every model and test as dbt compiles it for a warehouse that has all of its tables, as plain data (see
    `pipelines.run.statements.Statement`).
    """
    prepare_manifest(settings)
    arguments = ["compile", *QUIET, *NOT_IN_A_REVIEW, *_common_arguments(settings)]
    results = _invoke(arguments, _parsed(settings)).results
    # A test of severity warn stops nothing; its rows are shown if dbt itself runs it.
    nodes = [r.node for r in results if str(getattr(r.node.config, "severity", "")).lower() != "warn"]
    return sorted((_statement(node) for node in nodes), key=lambda s: str(s["name"]))


def _statement(node: Any) -> dict[str, Any]:
    needs = [n.split(".") for n in node.depends_on.nodes]
    return {
        "name": node.name,
        "schema": node.schema,
        "kind": "test" if str(node.resource_type) == "test" else str(node.config.materialized),
        "language": str(node.language),
        "sql": node.compiled_code,
        "parents": sorted(n[2] for n in needs if n[0] == "model"),
        "sources": sorted(".".join(n[2:]) for n in needs if n[0] == "source"),
        "tested": str(getattr(node, "attached_node", None) or "").rpartition(".")[2],
    }


def run_models(settings: Settings, select: str) -> list[NodeResult]:
    """Run the chosen models without their tests, for a query whose results are not published. Raises TransformError."""
    prepare_manifest(settings)
    arguments = ["run", *QUIET, "--select", select, *_common_arguments(settings)]
    nodes = _results(_invoke(arguments, _parsed(settings)))
    if failed := next((n for n in nodes if n.failed), None):
        raise TransformError(f"{failed.unique_id}: {failed.message.strip()}", nodes)
    return nodes


def _results(results: Any) -> list[NodeResult]:
    return [
        NodeResult(
            unique_id=r.node.unique_id,
            resource_type=str(r.node.resource_type),
            status=str(r.status),
            seconds=round(r.execution_time, 3),
            message=str(r.message or ""),
            failures=int(r.failures or 0),
            sql=str(getattr(r.node, "compiled_code", None) or "") if r.failures else "",
        )
        for r in results.results
    ]


def model_columns(settings: Settings) -> list[tuple[str, str, str, str, str]]:
    """(schema, table, table description, column, column description) of every documented model, from the manifest."""
    manifest = json.loads(prepare_manifest(settings).read_text())
    rows: list[tuple[str, str, str, str, str]] = []
    for node in manifest["nodes"].values():
        if node["resource_type"] == "model" and node["schema"] in {"calendar", "marts"}:
            for column in node["columns"].values():
                rows.append((node["schema"], node["name"], node["description"], column["name"], column["description"]))
    return sorted(rows)
