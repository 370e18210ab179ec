"""Tables of a drop that explain each other, joined: rows of a Data Connector become rows of `hub_members`, answers of
the Team Admin API rows of `users` and `product_access`. Each row keeps its file and place.

Set-based, in DuckDB; judging the rows is `conform`. What the vendor's words mean is said here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import duckdb

from pipelines.contracts import INPUTS
from pipelines.ingest.landing.manifests import Manifest
from pipelines.ingest.read.read_rows import ReadRows
from pipelines.ingest.recognise.inputs import Match
from pipelines.ingest.recognise.linked import FORMS, Linked
from pipelines.ingest.sqltext import literal

# Folders that say of which kind the files are, and not of which team.
_KINDS_OF_FILES = re.compile(r"(?i)^(\d.*|portal|team[-_ ]?admin([-_ ]?api)?|api|export[s]?|answers|json|pages?)$")


@dataclass(frozen=True)
class Waiting:
    """A table whose rows wait for other files, and what its manifest says."""

    read: ReadRows
    manifest: Manifest

    @property
    def linked(self) -> Linked:
        """Which table of such an export it is."""
        linked = self.read.match.linked
        assert linked is not None
        return linked

    @property
    def path(self) -> str:
        """Its path, which no other part of the drop has."""
        return self.read.table.path

    @property
    def form(self) -> str:
        """Which table it is, without its group."""
        return self.linked.form.partition(": ")[2]

    def column(self, name: str, of: str = "r") -> str:
        """SQL of a column of the table as a text without blanks at its ends; null where the file has none, or it is
        empty.
        """
        place = self.linked.positions.get(name)
        return "cast(null as varchar)" if place is None else f"nullif(trim({of}.c{place}), '')"

    @property
    def stated_team(self) -> str | None:
        """The team of the manifest."""
        value = self.manifest.values.get("team")
        return None if value is None else str(value)


def join_linked(
    con: duckdb.DuckDBPyConnection, waiting: Sequence[Waiting], others: Collection[str] = ()
) -> list[ReadRows]:
    """The same tables with the rows and columns of their input; one that only explains others is `ignored`. others: the
    inputs of the drop's other files.
    """
    groups: dict[str, list[Waiting]] = {}
    for w in waiting:
        groups.setdefault(w.linked.form.partition(":")[0], []).append(w)
    joined: dict[str, ReadRows] = {}
    if hub := groups.get("Data Connector"):
        joined |= _join_hub(con, hub)
    if api := groups.get("Team Admin API"):
        joined |= _join_teams(con, api, others)
    return [joined.get(w.path) or _explaining(w) for w in waiting]


def _explaining(w: Waiting) -> ReadRows:
    """A table that only explains others."""
    table = replace(w.read.table, match=None, verdict="ignored").saying(FORMS[w.linked.form].explains)
    return replace(w.read, table=table, staged=None, rows=0, bad=())


def _union(con: duckdb.DuckDBPyConnection, name: str, parts: Sequence[Waiting], columns: dict[str, str]) -> None:
    """A temporary table of columns of several parts. columns: name → column of the form; without parts it is empty."""
    selects = [
        f"select {', '.join(f'{w.column(c)} as {n}' for n, c in columns.items())} from {w.read.staged} as r"
        for w in parts
    ]
    empty = f"select {', '.join(f'cast(null as varchar) as {n}' for n in columns)} where false"
    con.execute(f"create or replace temp table {name} as " + " union all ".join([empty, *selects]))


def _joined(
    con: duckdb.DuckDBPyConnection, w: Waiting, columns: dict[str, str], rest: str, left_out: str = ""
) -> ReadRows:
    """The table with `columns` (column of the contract → SQL) of its rows `r`, joined by `rest`. left_out: what is said
    of the rows that `rest` leaves out; they are no rows of the input.
    """
    read, contract = w.read, INPUTS[w.linked.input]
    new = f"{read.staged}_joined"
    cells = ", ".join(f"{sql} as c{i}" for i, sql in enumerate(columns.values()))
    con.execute(f"create or replace temp table {new} as select r._row_number, {cells} from {read.staged} as r {rest}")
    con.execute(f"drop table {read.staged}")
    table = replace(
        read.table, match=Match(contract, {name: i for i, name in enumerate(columns)}, read.match.generation)
    )
    rows = int(con.execute(f"select count(*) from {new}").fetchall()[0][0]) + len(read.bad)
    if rows < read.rows:
        table = table.saying(f"{read.rows - rows} {left_out}")
    return replace(read, table=table, staged=new, rows=rows)


# ---- a hub's Data Connector

# An account that is off takes its memberships with it.
_OFF = "lower(coalesce({status}, '')) in ('inactive', 'deleted', 'disabled', 'removed')"


def _join_hub(con: duckdb.DuckDBPyConnection, parts: Sequence[Waiting]) -> dict[str, ReadRows]:
    """Path → the rows of a table, for those that are rows of hub_members."""
    joined: dict[str, ReadRows] = {}
    users = [w for w in parts if w.form == "users"]
    members = [w for w in parts if w.form in ("project users", "project user products")]
    _union(con, "_hub_user_row", users, {"id": "id", "hub": "account", "email": "email", "status": "status"})
    con.execute(
        "create or replace temp table _hub_user as select lower(id) as id, max(hub) as hub, max(email) as email, "
        f"bool_and({_OFF.format(status='status')}) as is_off from _hub_user_row where id is not null group by 1"
    )
    _union(con, "_hub_name", [w for w in parts if w.form == "names"], {"id": "id", "hub": "account", "name": "name"})
    _union(con, "_hub_project_row", members, {"id": "project"})
    # Two projects of a hub with one name are told apart by their numbers.
    con.execute(
        "create or replace temp table _hub_project as select id, case when count(*) over (partition by hub, name) > 1 "
        "then name || ' (' || id || ')' else name end as name from (select lower(n.id) as id, max(n.hub) as hub, "
        "max(n.name) as name from _hub_name as n semi join _hub_project_row as p on lower(p.id) = lower(n.id) "
        "group by 1)"
    )
    for w in members:
        read = _member_rows(con, w)
        if not users:
            nobody = "the hub's table of users is missing, so nobody can be named; export it too"
            read = replace(read, table=read.table.saying(nobody))
        joined[w.path] = read
    for w in users:
        gone = w.column("deleted_at")
        joined[w.path] = _joined(
            con,
            w,
            {
                "hub": w.column("account"),
                "email": w.column("email"),
                "team_alias": _text(w.stated_team),
                "administrator": w.column("administrator"),
                "status": f"case when {gone} is not null then 'deleted' else {w.column('status')} end",
                "invited_at": w.column("created_at"),
                "last_sign_in_at": w.column("last_sign_in"),
            },
            "",
        )
    con.execute("drop table _hub_user_row; drop table _hub_user; drop table _hub_name; drop table _hub_project_row")
    con.execute("drop table _hub_project")
    return joined


def _member_rows(con: duckdb.DuckDBPyConnection, w: Waiting) -> ReadRows:
    """Rows of project users, or of project user products: access `none` is no membership."""
    access = f"lower(coalesce({w.column('access')}, ''))"
    product = w.column("product")
    gone = f"{w.column('deleted_at')} is not null or coalesce(u.is_off, false)"
    if w.form == "project users":
        gone += f" or lower(coalesce({w.column('status')}, '')) = 'deleted'"
        is_admin = f"case when {access} = '' then null when contains({access}, 'admin') then 'true' else 'false' end"
        status = w.column("status")
    else:
        # Who administers the administration of a project administers the project; of other products their settings.
        is_admin = (
            f"case when lower({product}) = 'projectadministration' and contains({access}, 'admin') then 'true' end"
        )
        status = "cast(null as varchar)"
        gone += f" or {access} = 'none'"
    return _joined(
        con,
        w,
        {
            "hub": f"coalesce({w.column('account')}, u.hub)",
            "email": "u.email",
            "team_alias": _text(w.stated_team),
            "project": f"coalesce(p.name, {w.column('project')})",
            "product": product,
            "administrator": is_admin,
            "status": f"case when {gone} then 'deleted' else {status} end",
            "invited_at": w.column("created_at"),
        },
        f"left join _hub_user as u on u.id = lower({w.column('user')}) "
        f"left join _hub_project as p on p.id = lower({w.column('project')}) where u.id is not null or not ({gone})",
        "memberships that have ended, of users who are no longer in the hub's list, were left out",
    )


def _text(value: str | None) -> str:
    return "cast(null as varchar)" if value is None else literal(value)


# ---- answers of the Team Admin API


def _join_teams(
    con: duckdb.DuckDBPyConnection, parts: Sequence[Waiting], others: Collection[str]
) -> dict[str, ReadRows]:
    """Path → the rows of an answer that has rows of users or product_access. others: as for `join_linked`."""
    teams, listed = _know_names(con, parts)
    there = {w.form for w in parts}
    joined: dict[str, ReadRows] = {}
    for w in parts:
        if w.form in _ANSWERS:
            columns, rest, left_out = _ANSWERS[w.form](w, _named_team(w, teams, listed))
            read = _joined(con, w, columns, rest, left_out)
            joined[w.path] = replace(read, missing=_missing_half(w.form, there, others))
    for name in ("team_row", "team", "product_row", "product", "user_row", "user", "address"):
        con.execute(f"drop table _api_{name}")
    return joined


def _know_names(
    con: duckdb.DuckDBPyConnection, parts: Sequence[Waiting]
) -> tuple[list[tuple[str, str]], set[tuple[str, str]]]:
    """Make the tables of what numbers of teams, products and users mean, and one of addresses for assignments without
    a user's number. Returns (number, name) of the teams, and (folder, name) of those that a list there has.
    """
    lists = [w for w in parts if w.form == "teams"]
    _union(con, "_api_team_row", lists, {"id": "id", "name": "name"})
    con.execute("create or replace temp table _api_team as select id, max(name) as name from _api_team_row group by 1")
    teams = con.execute("select id, coalesce(name, id) from _api_team where id is not null order by 1").fetchall()
    listed = {
        (_folder(w.path), str(name))
        for w in lists
        for (name,) in con.execute(
            f"select distinct coalesce({w.column('name')}, {w.column('id')}) from {w.read.staged} as r "
            f"where {w.column('id')} is not null"
        ).fetchall()
    }
    pools = [w for w in parts if w.form == "product pools"]
    _union(con, "_api_product_row", pools, {"id": "product", "name": "product_name"})
    con.execute(
        "create or replace temp table _api_product as select id, max(name) as name from _api_product_row group by 1"
    )
    people = [w for w in parts if w.form == "team users"]
    _union(con, "_api_user_row", people, {"id": "user", "email": "email", "status": "status"})
    con.execute(
        "create or replace temp table _api_user as select id, max(email) as email, max(status) as status "
        "from _api_user_row group by 1"
    )
    # An address that two users have says nothing of either.
    con.execute(
        "create or replace temp table _api_address as select lower(email) as email, max(status) as status "
        "from _api_user_row where email is not null group by 1 having count(distinct id) <= 1"
    )
    return teams, listed


class _Named(NamedTuple):
    """SQL of the names in an answer: its team, and the joins that give teams and products their names."""

    team: str
    joins: str


def _named_team(w: Waiting, teams: Sequence[tuple[str, str]], listed: Collection[tuple[str, str]]) -> _Named:
    team = w.stated_team or _team_of_path(w.path, teams, listed)
    number = f"coalesce({w.column('team')}, {_text(w.read.table.team or None)})"
    return _Named(
        f"coalesce(t.name, {_text(w.stated_team)}, {number}, {_text(team)})",
        f"left join _api_team as t on t.id = {number} left join _api_product as p on p.id = {w.column('product')}",
    )


def _offering(w: Waiting) -> str:
    return f"coalesce({w.column('product_name')}, p.name, {w.column('product')})"


# Columns of the contract → SQL, the rest of the query, and what is said of the rows that it leaves out.
_Answer = tuple[dict[str, str], str, str]


def _pools(w: Waiting, named: _Named) -> _Answer:
    columns = {
        "team_alias": named.team,
        "offering_name": _offering(w),
        "seats_total": w.column("total"),
        "seats_assigned": w.column("assigned"),
        "start_date": w.column("start_date"),
        "end_date": w.column("end_date"),
    }
    counted = f"{w.column('total')} is not null and {w.column('assigned')} is not null"
    left_out = "pools without a number of seats (unlimited, or not started yet) were left out"
    return columns, f"{named.joins} where {counted}", left_out


def _assignments(w: Waiting, named: _Named) -> _Answer:
    columns = {
        "email": f"coalesce({w.column('email')}, u.email)",
        "offering_name": _offering(w),
        "team_alias": named.team,
        # The portal's list says with each seat whether its invitation was accepted.
        "account_status": "coalesce(u.status, a.status)",
        "assignment_type": w.column("assignment_type"),
        "pinned_subscription_id": w.column("subscription"),
    }
    users = (
        f"left join _api_user as u on u.id = {w.column('user')} "
        f"left join _api_address as a on a.email = lower({w.column('email')})"
    )
    return columns, f"{named.joins} {users}", ""


def _team_users(w: Waiting, named: _Named) -> _Answer:
    columns = {
        "email": w.column("email"),
        "first_name": w.column("first_name"),
        "last_name": w.column("last_name"),
        "autodesk_id": w.column("user"),
        "role": w.column("role"),
        "account_status": w.column("status"),
        "team_alias": named.team,
    }
    return columns, named.joins, ""


_ANSWERS = {"product pools": _pools, "assignments": _assignments, "team users": _team_users}


def _missing_half(form: str, there: Collection[str], others: Collection[str]) -> str:
    """The portal's list of users has people, roles and seats; of the answers each has a half. What is only in the other
    one is missing where no file has it. there: which answers are there.
    """
    if "users" in others:
        return ""
    if form == "assignments" and "team users" not in there:
        return "users without a seat, and roles, are in the answers to List Team Users, which were not delivered"
    if form == "team users" and "assignments" not in there and "usage_report" not in others:
        return "who has a seat is in the answer to List Assignments, which was not delivered"
    return ""


def _folder(path: str) -> str:
    """The folder of a file, with a slash at its end; '' for the drop itself."""
    return "".join(path.replace("!", "/").rpartition("/")[:2])


def _team_of_path(path: str, teams: Sequence[tuple[str, str]], listed: Collection[tuple[str, str]]) -> str | None:
    """The team of a file that names none: that of its folders which the answers know by number or name, the nearest
    first; else the only one that a list of teams beside or above it has; else the nearest folder that does not only
    say what lies in it. listed: (folder of a list of teams, a team in it).
    """
    folders = path.replace("!", "/").split("/")[:-1][::-1]
    known = {text.strip().lower(): name for number, name in teams for text in (number, name)}
    for folder in folders:
        if folder.strip().lower() in known:
            return known[folder.strip().lower()]
    over = {name for folder, name in listed if _folder(path).startswith(folder)}
    if len(over) == 1:
        return over.pop()
    return next((f for f in folders if not _KINDS_OF_FILES.match(f)), None)
