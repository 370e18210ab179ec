"""Shared by all permanent deletions: a journal of unfinished work, which must be completed before anything else writes,
and rewriting the warehouse file without deleted rows.

`forgetting` and `retention` decide what is deleted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import UserError
from pipelines.resources.modes import OWNER, OWNER_FILE
from pipelines.settings import Settings
from pipelines.warehouse import attach_beside, connect_file


def journal_path(settings: Settings) -> Path:
    """Path of the journal: what is needed to resume the work, accessible to its owner only. Deleted on completion."""
    return settings.state / "erasing.json"


def read_journal(settings: Settings) -> dict[str, Any] | None:
    """The journal; None if no work is unfinished. Raises UserError if it is damaged."""
    path = journal_path(settings)
    if not path.is_file():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(found, dict) and isinstance(found.get("command"), str):
            return found
        raise ValueError("it names no command")
    except ValueError as error:
        raise UserError(
            f"{path} is damaged ({error}): a `selfaudit forget` or `retain` was interrupted. Move it away and run that "
            "command again; `selfaudit verify` then lists what differs from the record."
        ) from error


def write_journal(settings: Settings, content: Mapping[str, Any]) -> None:
    """Replace the journal atomically; flushed to disk before anything is changed."""
    path = journal_path(settings)
    path.parent.mkdir(mode=OWNER, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_FILE), "w", encoding="utf-8") as handle:
        json.dump(content, handle, indent=1, sort_keys=True)
        handle.flush()
        os.fsync(handle.fileno())
    part.replace(path)


def end_journal(settings: Settings) -> None:
    """Mark the work as complete."""
    journal_path(settings).unlink(missing_ok=True)


def refuse_unfinished(settings: Settings, but: str = "") -> None:
    """Raise UserError if such work was interrupted. but: the command that resumes it, if that is the caller."""
    found = read_journal(settings)
    if found is not None and found["command"] != but:
        raise UserError(
            f"`selfaudit {found['command']}` was interrupted. Run `selfaudit {found['again']}` first: what "
            "is published and what was delivered may not agree until then."
        )


def compact(settings: Settings) -> None:
    """Rewrite the warehouse: in the existing file, deleted rows remain in unused blocks."""
    part = settings.scratch / "warehouse.duckdb"
    for path in (part, part.with_name(f"{part.name}.wal")):
        path.unlink(missing_ok=True)
    settings.scratch.mkdir(parents=True, exist_ok=True)
    connection = connect_file(part, read_only=False)
    try:
        attach_beside(connection, settings.warehouse, "former")
        connection.execute(f'copy from database former to "{part.stem}"')
        connection.execute("detach former")
        connection.execute("checkpoint")
    except duckdb.Error:
        part.unlink(missing_ok=True)
        raise
    finally:
        connection.close()
    part.chmod(settings.warehouse.stat().st_mode & 0o777)
    part.replace(settings.warehouse)
    settings.warehouse.with_name(f"{settings.warehouse.name}.wal").unlink(missing_ok=True)
