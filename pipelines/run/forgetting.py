"""`selfaudit forget`: removes one person from everything in a data folder. Rows and counts stay; the person's values
are replaced by anonymous ones, the same in every table, file and month, so that rebuilt months come out the same.
`delivered_again` keeps the request in force.

`person` finds what is replaced; `pipelines/substitution` replaces it; `reseal` writes publications again. Interrupted
work is resumed from its journal. Rationale: docs/decisions/0044.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from pathlib import Path

import duckdb

from pipelines.errors import UserError
from pipelines.ingest.landing.files import REFERENCE_DROP, list_drops, scan
from pipelines.ingest.landing.fingerprints import drop_fingerprints, loaded_drops
from pipelines.publish.publications import file_sha256, read_chain
from pipelines.publish.seals.statements import numbers
from pipelines.publish.veil.erasure_requests import (
    FILE,
    KEY_FILE,
    ErasureRequest,
    commitment,
    key_of,
    read_requests,
    with_request,
    write_requests,
)
from pipelines.publish.veil.identifiers import roles
from pipelines.publish.veil.key import read_or_make
from pipelines.publish.veil.veil import is_veiled
from pipelines.run import reseal
from pipelines.run.erasure import compact, end_journal, journal_path, write_journal
from pipelines.run.months import frozen_months
from pipelines.run.person import columns_of_text, find_person, ids_of_findings, pseudonyms, substitutes
from pipelines.run.privacy import read_real
from pipelines.run.progress import Progress, silent
from pipelines.run.rewritten_files import changed_hashes, files_in, forget_event_sets, know_as_now
from pipelines.run.sealing import sign_sign_offs
from pipelines.run.sign_off_table import read_sign_offs
from pipelines.settings import Settings, load_seal_settings
from pipelines.substitution.files import UnreadableError, rewrite
from pipelines.substitution.tables import count_rows, replace_values
from pipelines.substitution.values import Values
from pipelines.warehouse import connect, connect_file, transaction

COMMAND = "forget"
REPORTS = "erasures"
# Written again by other means, or not to be changed: signatures cover what was signed.
_NOT_BY_FILE = ("warehouse/", "published/seals/", "named/seals/", "published/selfaudit.duckdb", "state/writer.lock")


@dataclass(frozen=True)
class Report:
    """What was erased. number: of the report. commitment: keyed, to the given address. tables, files: those that held
    the person, with rows, or as file names. left: those that still do, and why.
    """

    number: int
    on: str
    reason: str
    commitment: str
    tables: dict[str, int] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    entries: int = 0
    left: list[str] = field(default_factory=list)
    is_dry: bool = False


def begin(settings: Settings, given: str, reason: str, today: date) -> dict[str, object]:
    """Write the journal, with the person and the replacements, before anything is changed.

    given: an address, a key of a person, or a pseudonym of privacy mode. Raises UserError for anything else.
    """
    refuse_without_key(settings)
    journal = _request_of(settings, given, reason, today)
    drops = [REFERENCE_DROP, *list_drops(settings.landing)]
    with connect(settings) as connection:
        present = drop_fingerprints(settings.landing)
        journal["loaded"] = sorted(loaded_drops(connection, present))
    journal["before"] = {f"{d}/{f.path}": f.sha256 for d in drops for f in scan(settings.landing / d)[0]}
    journal["sign_offs"] = [hashlib.sha256(repr(sorted(r.items())).encode()).hexdigest() for r in _signed(settings)]
    _store_request(settings, journal)
    write_journal(settings, journal)
    return journal


def refuse_without_key(settings: Settings) -> None:
    """Raise UserError if the publication is signed and this account cannot sign."""
    if numbers(settings.published) and not load_seal_settings().signs:
        raise UserError(
            f"What is published in {settings.published} is signed, and no key is configured (SELFAUDIT_SIGNING_KEY). "
            "Whoever is forgotten changes what was signed: run this where runs are signed."
        )


def _request_of(settings: Settings, given: str, reason: str, today: date) -> dict[str, object]:
    asked = given.strip()
    real = read_real(settings).persons.get(asked, asked).lower().removeprefix("hash:")
    with connect(settings) as connection:
        person = find_person(connection, [real])
        is_known = len(person.addresses | person.ids) > 1 or bool(_is_there(connection, real))
        if not is_known and "@" not in real:
            raise UserError(
                f"'{asked}' is neither an address nor the key of a person known here. Name the person by an "
                "address as in column email, or by person_key."
            )
        token, known = secrets.token_hex(4), read_requests(settings.state)
        key = key_of(settings.state) if (settings.state / FILE).is_file() else None
        before = {c: s for w in known for c, s in w.replaced.items()}
        values = substitutes(
            connection, person, token, lambda v: before.get(commitment(key, v)) if key is not None else None
        )
        ids = ids_of_findings(connection, values, token)
        shown: dict[str, str] = {}
        if is_veiled(connection):
            shown, of_findings = pseudonyms(read_or_make(settings.pseudonym_key), values, ids)
            ids |= of_findings
    values = replace(values, anywhere={**values.anywhere, **shown}, exact=ids)
    return {
        "command": COMMAND,
        "again": "forget --go-on",
        "number": max([w.number for w in known], default=0) + 1,
        "on": today.isoformat(),
        "reason": reason,
        "given": real,
        "token": token,
        "values": asdict(values),
        "committed": sorted(person.addresses | person.ids),
    }


def _is_there(connection: duckdb.DuckDBPyConnection, value: str) -> list[tuple[int]]:
    for table, names in columns_of_text(connection).items():
        for column in (c for c in (*roles()["key"], *roles()["of_person"]) if c in names):
            rows = connection.execute(
                f'select 1 from raw."{table}" where lower("{column}") = ? limit 1', [value]
            ).fetchall()
            if rows:
                return rows
    return []


def _store_request(settings: Settings, journal: Mapping[str, object]) -> None:
    key, values = key_of(settings.state), _values(journal)
    # In another system a bare number or a plain word may belong to someone else.
    every = {**values.cells, **values.anywhere}
    committed = {commitment(key, v): every[v] for v in journal["committed"] if v in every}  # type: ignore[attr-defined]
    number, token = int(str(journal["number"])), str(journal["token"])
    write_requests(
        settings.state, with_request(read_requests(settings.state), ErasureRequest(number, token, committed))
    )


def _values(journal: Mapping[str, object]) -> Values:
    return Values(**journal["values"])  # type: ignore[arg-type]


def _signed(settings: Settings) -> list[dict[str, str]]:
    return read_sign_offs(settings)


def look(settings: Settings, given: str, reason: str, today: date) -> Report:
    """What `forget` would change; nothing is written."""
    journal = _request_of(settings, given, reason, today)
    values = _values(journal)
    with connect(settings) as connection:
        tables = {f"warehouse: {s}.{t}": n for (s, t), n in count_rows(connection, values).items()}
    tables |= _published_rows(settings, values)
    files, left = _search(settings, values)
    return Report(int(str(journal["number"])), str(journal["on"]), reason, "", tables, files, 0, left, True)


def go_on(settings: Settings, journal: dict[str, object], progress: Progress = silent) -> Report:
    """Do all remaining work. Each step may be repeated."""
    values = _values(journal)
    left: list[str] = []
    progress("what was delivered")
    done: list[str] = journal.setdefault("files", [])  # type: ignore[assignment]
    files = _landing(settings, values, journal, left)
    with connect(settings) as connection:
        before: Mapping[str, str] = journal["before"]  # type: ignore[assignment]
        exact = changed_hashes(connection, settings.landing, _values(journal), before)
    files += _archived_reference(settings, values, journal, exact, left)
    values = replace(values, exact={**values.exact, **exact})
    done += files
    progress("tables")
    tables = _warehouse(settings, values, journal)
    done += _versions(settings, values, left)
    write_journal(settings, journal)
    progress("what is published")
    reason = f"forgotten: report {journal['number']}"
    entries = reseal.write_again(settings, reason, True, frozen_months(settings), progress)
    _sign(settings, journal)
    done += _other_files(settings, values, left)
    # Of earlier versions in the state folder.
    left_behind = [settings.beside("replay"), *(settings.state / n for n in ("scratch", "former", "replay"))]
    for folder in (settings.scratch, *left_behind):
        shutil.rmtree(folder, ignore_errors=True)
    compact(settings)
    progress("checking whether anything is left")
    own = _values(journal)
    found, unread = _search(settings, own)
    with connect(settings) as connection:
        still = {f"warehouse: {s}.{t}": n for (s, t), n in count_rows(connection, own).items()}
    still |= _published_rows(settings, own)
    left += [f"{name} still holds the person" for name in found]
    left += [f"{where} still holds the person ({n:,} rows)" for where, n in still.items()] + unread
    key = key_of(settings.state)
    report = Report(
        int(str(journal["number"])),
        str(journal["on"]),
        str(journal["reason"]),
        commitment(key, str(journal["given"])),
        tables,
        sorted(set(done)),
        len(entries),
        sorted({own.record(sentence) for sentence in left}),
    )
    _write_report(settings, report)
    end_journal(settings)
    return report


def _write_report(settings: Settings, report: Report) -> None:
    folder = settings.published / REPORTS
    folder.mkdir(parents=True, exist_ok=True)
    settings.scratch.mkdir(parents=True, exist_ok=True)
    part = settings.scratch / "erasure.json"
    content = {k: v for k, v in asdict(report).items() if k != "is_dry"}
    part.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    part.replace(folder / f"{report.number:06d}.json")


def _landing(settings: Settings, values: Values, journal: Mapping[str, object], left: list[str]) -> list[str]:
    """Replace in files of the landing zone, including the mailbox and files taken from it, and in file names."""
    found = []
    for path in files_in(settings.landing):
        name = path.relative_to(settings.data).as_posix()
        try:
            changed = rewrite(path, values, settings.scratch)
        except UnreadableError as error:
            changed = False
            if values.names(path.name) or f"{name.removeprefix('landing/')}" in journal["before"]:  # type: ignore[operator]
                left.append(f"{name} was not searched: {error}")
        made = values.text(path.name)
        if made != path.name:
            path.rename(path.with_name(made))
        if changed or made != path.name:
            found.append(values.text(name))
    _rename_folders(settings.landing, values)
    return found


def _archived_reference(
    settings: Settings, values: Values, journal: dict[str, object], exact: dict[str, str], left: list[str]
) -> list[str]:
    """Archived copies of the company's tables are named by their hash, so they are renamed."""
    moved: dict[str, str] = journal.setdefault("moved", {})  # type: ignore[assignment]
    found = []
    for top in (settings.published, settings.named):
        for path in files_in(top / "versions" / REFERENCE_DROP):
            try:
                changed = rewrite(path, values, settings.scratch)
            except UnreadableError as error:
                left.append(f"{path.relative_to(settings.data)} was not searched: {error}")
                continue
            sha = file_sha256(path)
            if sha != path.name:
                moved[path.name] = sha
                write_journal(settings, journal)
                path.replace(path.with_name(sha))
            if changed:
                found.append(path.with_name(sha).relative_to(settings.data).as_posix())
    exact.update(moved)
    return found


def _warehouse(settings: Settings, values: Values, journal: dict[str, object]) -> dict[str, int]:
    """Replace in every table of the warehouse, note what must be published again, and update the stored state of the
    landing zone, in one transaction.
    """
    known = roles()
    identifiers = {*known["key"], *known["of_person"], *known["other"]}
    loaded: Sequence[str] = journal["loaded"]  # type: ignore[assignment]
    now = drop_fingerprints(settings.landing)
    with connect(settings) as connection, transaction(connection):
        named, changed = replace_values(connection, values, identifiers)
        chain = {(e.output, e.review_month) for e in read_chain(connection)}
        months = {m for _, m in chain}
        to_write: list[reseal.ToWrite] = [
            (schema, table, month, 0, n)
            for (schema, table, month), n in changed.items()
            if schema in ("calendar", "marts") and month in months
        ]
        # Recorded even if no published row named the person.
        reseal.note(connection, to_write or [("calendar", "file_register", max(months), 0, 0)] if months else [])
        know_as_now(connection, settings.landing, [drop for drop in loaded if drop in now], now)
        if any(schema == "raw" for schema, _, _ in changed):
            forget_event_sets(connection)
        # Before the rows are deleted for good: a resumed call finds none of them.
        found: dict[str, int] = journal.setdefault("tables", {})  # type: ignore[assignment]
        for (schema, table, _), n in sorted(named.items()):
            found[f"{schema}.{table}"] = found.get(f"{schema}.{table}", 0) + n
        write_journal(settings, journal)
    return found


def _versions(settings: Settings, values: Values, left: list[str]) -> list[str]:
    """Replace in former versions of partitions; they are noted before they are written."""
    with connect(settings) as connection:
        known = {(e.output, e.review_month, e.version) for e in read_chain(connection)}
    touched: dict[tuple[str, str, int], list[Path]] = {}
    for path in files_in(settings.published / "versions"):
        parts = path.relative_to(settings.published / "versions").parts
        if len(parts) != 4:
            continue
        place = (parts[0], parts[1].partition("=")[2], int(parts[2].partition("=")[2]))
        if place in known and rewrite(path, values, settings.scratch, write=False):
            touched.setdefault(place, []).append(path)
    if not touched:
        return []
    with connect(settings) as connection:
        reseal.note(connection, [(reseal.FORMER, *place, 1) for place in touched])
    found = []
    for paths in touched.values():
        for path in paths:
            rewrite(path, values, settings.scratch)
            found.append(path.relative_to(settings.data).as_posix())
    return found


def _sign(settings: Settings, journal: Mapping[str, object]) -> None:
    """Sign sign-offs again whose row has changed."""
    before: Sequence[str] = journal["sign_offs"]  # type: ignore[assignment]
    rows = [r for r in _signed(settings) if hashlib.sha256(repr(sorted(r.items())).encode()).hexdigest() not in before]
    if rows:
        sign_sign_offs(settings, rows)


def _other_files(settings: Settings, values: Values, left: list[str]) -> list[str]:
    """Replace in everything else in the data folder: logs, Dagster's storage, files published by an earlier version
    that no run writes any more.
    """
    found = []
    for name, path in _others(settings):
        try:
            if rewrite(path, values, settings.scratch):
                found.append(values.text(name))
        except UnreadableError as error:
            if path.parent == settings.published / "pages":  # what is not made again with its month belongs to no month
                path.unlink()
                found.append(values.text(name))
            else:
                left.append(f"{name} was not searched: {error}")
        if path.is_file() and values.text(path.name) != path.name:
            path.replace(path.with_name(values.text(path.name)))
            found.append(values.text(name))
    _rename_folders(settings.data, values)
    return found


def _rename_folders(top: Path, values: Values) -> None:
    for folder in sorted((p for p in top.rglob("*") if p.is_dir() and values.names(p.name)), reverse=True):
        target = folder.with_name(values.text(folder.name))
        if target.exists() and not any(folder.iterdir()):
            folder.rmdir()
        elif not target.exists():
            folder.rename(target)


def _others(settings: Settings) -> Iterator[tuple[str, Path]]:
    skipped = {journal_path(settings), settings.state / FILE, settings.state / KEY_FILE, settings.pseudonym_key}
    for base, folders, names in os.walk(settings.data):
        folders.sort()
        for name in sorted(names):
            path = Path(base) / name
            shown = path.relative_to(settings.data).as_posix()
            if path.is_symlink() or not path.is_file() or path in skipped:
                continue
            if not shown.startswith((*_NOT_BY_FILE, "landing/", "published/versions/", "published/packs/")):
                yield shown, path


def _search(settings: Settings, values: Values) -> tuple[list[str], list[str]]:
    """Files that contain the person, by name or content, and files that could not be searched."""
    found, unread = [], []
    skipped = {journal_path(settings), settings.state / FILE, settings.state / KEY_FILE, settings.pseudonym_key}
    for path in files_in(settings.data):
        name = path.relative_to(settings.data).as_posix()
        if path in skipped or name.startswith("warehouse/"):
            continue
        if values.names(name):
            found.append(name)
            continue
        try:
            if rewrite(path, values, settings.scratch, write=False):
                found.append(name)
        except UnreadableError as error:
            unread.append(f"{name} was not searched: {error}")
    return found, unread


def _published_rows(settings: Settings, values: Values) -> dict[str, int]:
    if not settings.published_database.is_file():
        return {}
    with closing(connect_file(settings.published_database)) as connection:
        return {f"published: {s}.{t}": n for (s, t), n in count_rows(connection, values).items()}
