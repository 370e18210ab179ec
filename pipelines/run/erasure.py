"""What taking data away for good needs, whoever asks for it: a journal of work that was begun, so that it is ended
before anything else writes, and a warehouse file without the rows that were deleted.

What is taken away, `forgetting` and `retention` know.
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
    """The journal: what the work that was begun still needs to know, for its owner alone. Gone when it is done."""
    return settings.state / "erasing.json"


def read_journal(settings: Settings) -> dict[str, Any] | None:
    """The journal; None where nothing is under way. Raises UserError where it is damaged."""
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
            f"{path} is damaged ({error}): a `selfaudit forget` or `retain` was stopped. Move it away and run that "
            "command again; `selfaudit verify` then says what is not as the record has it."
        ) from error


def write_journal(settings: Settings, content: Mapping[str, Any]) -> None:
    """Replace the journal as a whole; on disk before anything is changed."""
    path = journal_path(settings)
    path.parent.mkdir(mode=OWNER, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_FILE), "w", encoding="utf-8") as handle:
        json.dump(content, handle, indent=1, sort_keys=True)
        handle.flush()
        os.fsync(handle.fileno())
    part.replace(path)


def end_journal(settings: Settings) -> None:
    """The work is done."""
    journal_path(settings).unlink(missing_ok=True)


def refuse_unfinished(settings: Settings, but: str = "") -> None:
    """Raise UserError where such work was stopped before its end. but: the command that ends it, if it is the one that
    asks.
    """
    found = read_journal(settings)
    if found is not None and found["command"] != but:
        raise UserError(
            f"`selfaudit {found['command']}` was stopped before its end. Run `selfaudit {found['again']}` first: what "
            "is published and what was delivered may not agree until then."
        )


def compact(settings: Settings) -> None:
    """Write the warehouse anew: in the file that stands, deleted rows lie in blocks that are not used yet."""
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
