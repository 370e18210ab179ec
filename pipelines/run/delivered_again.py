"""Keeps erasure requests in force: if the person is delivered again, rows and files are replaced before anything is
made from them.

The person is known only by keyed commitments (`publish/veil/erasure_requests.py`). `forgetting` handles the request
itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import duckdb

from pipelines.ingest.landing.files import scan
from pipelines.ingest.landing.fingerprints import drop_fingerprints
from pipelines.publish.veil.erasure_requests import (
    ErasureRequest,
    commitment,
    commitment_sql,
    key_of,
    read_requests,
    with_request,
    write_requests,
)
from pipelines.publish.veil.identifiers import roles
from pipelines.run.person import Person, columns_of_text, find_person, substitutes
from pipelines.run.progress import Progress, silent
from pipelines.run.rewritten_files import changed_hashes, files_in, forget_event_sets, know_as_now
from pipelines.settings import Settings
from pipelines.substitution.files import UnreadableError, rewrite
from pipelines.substitution.tables import replace_values
from pipelines.substitution.values import Values
from pipelines.warehouse import transaction


def apply_requests(
    settings: Settings, connection: duckdb.DuckDBPyConnection, drops: Sequence[str], progress: Progress = silent
) -> list[str]:
    """After drops are loaded: replace forgotten persons who were delivered again, in rows and files. Returns a sentence
    for each person, without names. connection: the warehouse.
    """
    requests = read_requests(settings.state)
    if not requests or not drops:
        return []
    key = key_of(settings.state)
    delivered = _delivered_again(connection, key, requests)
    said = []
    for request in requests:
        again = delivered.get(request.number)
        if not again:
            continue
        person: Person = find_person(connection, again)
        values = substitutes(connection, person, request.token, lambda v, w=request: w.replaced.get(commitment(key, v)))  # type: ignore[misc]
        every, mine = {**values.cells, **values.anywhere}, person.ids | person.addresses
        committed = {commitment(key, v): shown for v, shown in every.items() if v in mine}
        write_requests(
            settings.state,
            with_request(read_requests(settings.state), replace(request, replaced={**committed, **request.replaced})),
        )
        before = {f"{d}/{f.path}": f.sha256 for d in drops for f in scan(settings.landing / d)[0]}
        left: list[str] = []
        held = []
        for drop in drops:
            for path in files_in(settings.landing / drop):
                try:
                    if rewrite(path, values, settings.scratch):
                        held.append(f"{drop}/{path.relative_to(settings.landing / drop).as_posix()}")
                except (UnreadableError, OSError) as error:
                    left.append(f"{path.name}: {error}")
        _bring_up_to_date(settings, connection, values, before, drops)
        where = ", ".join(values.text(name) for name in held) or "rows that were loaded"
        said.append(
            f"a person who is forgotten (report {request.number}) was delivered again and is replaced in {where}"
            + (f"; not in {values.text('; '.join(left))}" if left else "")
        )
    return said


def _delivered_again(
    connection: duckdb.DuckDBPyConnection, key: bytes, requests: Sequence[ErasureRequest]
) -> dict[int, list[str]]:
    """Number of a request → values of the loaded rows that match it."""
    of = {c: w.number for w in requests for c in w.replaced}
    known = roles()
    identifying = {*known["key"], *known["of_person"], *known["other"], *known["several"]}
    selects = []
    for table, names in columns_of_text(connection).items():
        for column in names:
            if column in identifying:
                selects.append(f'select lower("{column}") as v from raw."{table}" where "{column}" <> \'\'')
            if column in ("row_text", "other_addresses", "_extra", "first_text", "text", "value"):
                selects.append(
                    f"select unnest(regexp_extract_all(lower(\"{column}\"), '[^\\s;,\"''<>|()]+@[^\\s;,\"''<>|()]+')) "
                    f'as v from raw."{table}" where contains("{column}", \'@\')'
                )
    connection.execute("create or replace temp table _wish (commitment varchar, number bigint)")
    connection.executemany("insert into _wish values (?, ?)", sorted(of.items()))
    rows = connection.execute(
        f"select w.number, v.v from (select distinct v from ({' union '.join(selects)})) as v inner join _wish as w on "
        f"w.commitment = {commitment_sql(key, 'v.v')} order by all"
    ).fetchall()
    connection.execute("drop table _wish")
    found: dict[int, list[str]] = {}
    for number, value in rows:
        found.setdefault(number, []).append(value)
    return found


def _bring_up_to_date(
    settings: Settings,
    connection: duckdb.DuckDBPyConnection,
    values: Values,
    before: Mapping[str, str],
    drops: Sequence[str],
) -> None:
    """Update the raw rows and the stored state of the landing zone."""
    known = roles()
    exact = changed_hashes(connection, settings.landing, values, before)
    tables = {("raw", t) for t in columns_of_text(connection)}
    with transaction(connection):
        replace_values(
            connection,
            replace(values, exact=exact),
            {*known["key"], *known["of_person"], *known["other"]},
            tables,
        )
        know_as_now(connection, settings.landing, drops, drop_fingerprints(settings.landing))
        forget_event_sets(connection)
