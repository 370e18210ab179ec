"""Events to numbers: greatest concurrency per feature and month, denials, sessions. Set-based SQL over a relation of
events.

Every function returns the text of one query (DuckDB; window functions and joins only) over `source`, a table, view or
parenthesised query with the columns of `debuglog.SCHEMA` and `file` (any value that tells the files apart and orders
them).

The rules: a line found in several overlapping files counts as often as in the file that has it most. A start or exit of
a daemon (of lmgrd: of every daemon of that server) checks everything in; a check-in of what is not out changes nothing;
reservations are no use. The log has no handles, so levels are counted per feature, user and host, never paired; names
are compared without case. With DUP_GROUP a user (U), a host (H) or both (UH) take a licence once, as many as the
largest single check-out while any is open.
"""

from __future__ import annotations

WAYS = ("handles", "users", "hosts", "pairs")
SERVER = (
    "lower(coalesce(server, (select case when count(distinct lower(server)) = 1 then max(server) else '' end "
    "from source_)))"
)


def _once_ctes(source: str, operations: str) -> str:
    """CTEs up to `once_`: each line once, texts replaced by numbers (`handle`: server, daemon, feature, user and host;
    `names_` tells).
    """
    return f"""
source_ as (select * from {source}),
keyed_ as (
    select file, line_number, event_at, sequence_at, operation, coalesce(licences, 0) as licences,
        {SERVER} as server_key, daemon,
           coalesce(feature, '') as feature, lower(coalesce(user_name, '')) as user_key, lower(coalesce(host,
           '')) as host_key
    from source_ where operation in ({operations}) and not is_reservation
),
names_ as materialized (
    select *, row_number() over (order by server_key, daemon, feature, user_key, host_key) as handle,
        dense_rank() over (order by server_key, daemon, feature, user_key) as users,
           dense_rank() over (order by server_key, daemon, feature, host_key) as hosts,
           dense_rank() over (order by daemon, feature) as feature_no, dense_rank() over (order by server_key,
           daemon) as daemon_no
    from (select distinct server_key, daemon, feature, user_key, host_key from keyed_) as k
),
numbered_ as (
    select k.file, k.line_number, k.event_at, k.sequence_at, k.operation, k.licences, n.handle,
           row_number() over (partition by k.file, k.event_at, k.operation, n.handle, k.licences
           order by k.line_number) as nth
    from keyed_ as k inner join names_ as n using (server_key, daemon, feature, user_key, host_key)
),
once_ as materialized (
    select * from numbered_
    qualify row_number() over (partition by event_at, operation, handle, licences, nth order by file, line_number) = 1
)"""


def _level_ctes(source: str) -> str:
    """CTEs up to `level_`: every check-out and check-in with the level of its feature, user and host after it, within
    its epoch.
    """
    return f"""{_once_ctes(source, "'OUT', 'IN', 'START', 'EXIT'")},
daemon_ as (
    select distinct n.server_key, n.daemon, n.daemon_no from once_ as o inner join names_ as n using (handle)
    where o.operation in ('OUT', 'IN')
),
mixed_ as (
    select o.*, n.daemon_no, 0 as is_end from once_ as o inner join names_ as n using (handle)
        where o.operation in ('OUT', 'IN')
    union all
    select o.*, d.daemon_no, 1
    from once_ as o inner join names_ as n using (handle)
    inner join daemon_ as d on n.server_key = d.server_key and (n.daemon = d.daemon or n.daemon = 'lmgrd')
    where o.operation in ('START', 'EXIT')
),
placed_ as (
    select *, row_number() over (order by sequence_at, file, line_number, daemon_no) as place from mixed_
),
epoch_ as materialized (
    select *, sum(is_end) over (partition by daemon_no order by place rows unbounded preceding) as epoch
    from placed_
),
closing_ as (select daemon_no, epoch, place, sequence_at, operation from epoch_ where is_end = 1),
moved_ as (
    select * exclude (is_end), sum(case when operation = 'OUT' then licences else -licences end)
               over (partition by handle, epoch order by place rows unbounded preceding) as sum_
    from epoch_ where is_end = 0
),
floor_ as (
    select *, sum_ - least(0, min(sum_) over (partition by handle, epoch
        order by place rows unbounded preceding)) as level
    from moved_
),
level_ as materialized (
    select *, level - coalesce(lag(level) over (partition by handle, epoch order by place), 0) as step from floor_
)"""


def _change_ctes(way: str) -> str:
    """CTEs up to `total_<way>`: how many licences of a feature are held, counted that way, after every change."""
    group = {"handles": "l.handle", "pairs": "l.handle", "users": "n.users", "hosts": "n.hosts"}[way]
    part = "partition by holder, epoch order by place rows unbounded preceding"
    if way == "handles":
        held = (
            f"step_{way} as (select {group} as holder, epoch, daemon_no, place, sequence_at, step as change, "
            "handle from level_ as l),"
        )
    else:
        held = f"""open_{way} as (
    select {group} as holder, l.epoch, l.daemon_no, l.place, l.sequence_at, l.step, l.handle,
           sum(l.step) over (partition by {group}, l.epoch order by l.place rows unbounded preceding) as open
    from level_ as l inner join names_ as n using (handle)
),
spell_{way} as (
    select *, sum(case when open > 0 and open = step then 1 else 0 end) over ({part}) as spell from open_{way}
),
seats_{way} as (
    select *, case when open > 0 then max(greatest(step, 0)) over (partition by holder, epoch, spell
        order by place rows unbounded preceding)
                   else 0 end as seats
    from spell_{way}
),
step_{way} as (
    select holder, epoch, daemon_no, place, sequence_at, handle,
           seats - coalesce(lag(seats) over (partition by holder, epoch order by place), 0) as change
    from seats_{way}
),"""
    return f"""{held}
left_{way} as (
    select daemon_no, epoch, max(handle) as handle, sum(change) as held from step_{way} group by holder, daemon_no,
        epoch having sum(change) > 0
),
change_{way} as (
    select handle, place, sequence_at, change from step_{way} where change <> 0
    union all
    select l.handle, c.place, c.sequence_at, -l.held
    from left_{way} as l inner join closing_ as c on l.daemon_no = c.daemon_no and c.epoch = l.epoch + 1
),
net_{way} as (
    select n.feature_no, c.place, max(c.sequence_at) as sequence_at, sum(c.change) as change
    from change_{way} as c inner join names_ as n using (handle) group by n.feature_no, c.place
),
total_{way} as (
    select feature_no, place, sequence_at, sum(change) over (partition by feature_no
        order by place rows unbounded preceding) as total
    from net_{way}
)"""


def peaks_sql(source: str) -> str:
    """Greatest concurrency per month, feature and way of counting.

    Columns: month (first day), daemon, feature, peak_handles, peak_users, peak_hosts, peak_pairs (licences; which one
    is compared with the count issued follows from DUP_GROUP, see `peak_column`), peak_handles_at (first time it was
    reached; the month's first instant if it was carried in). What was open before the month counts. One row per month
    from a feature's first event to the last line of the events.
    """
    ctes = ",\n".join([_level_ctes(source), *(_change_ctes(w) for w in WAYS)])
    totals = "\nunion all\n".join(f"select '{w}' as way, * from total_{w}" for w in WAYS)
    peaks = ", ".join(
        f"cast(max(greatest(coalesce(peak, 0), before)) filter (way = '{w}') as bigint) as peak_{w}" for w in WAYS
    )
    return f"""with {ctes.strip()},
total_ as ({totals}),
first_ as (
    select n.feature_no, min(l.event_at) as first_at, (select max(event_at) from once_) as until
    from level_ as l inner join names_ as n using (handle) group by n.feature_no
),
month_ as (
    select feature_no, cast(unnest(range(date_trunc('month', first_at)::timestamp, until + interval 1 second,
        interval 1 month)) as date) as month
    from first_
),
within_ as (
    select way, feature_no, cast(date_trunc('month', sequence_at) as date) as month, max(total) as peak,
           arg_max(total, place) as final, arg_max(sequence_at, (total, -place)) as peak_at
    from total_ group by all
),
carried_ as (
    select m.month, m.feature_no, y.way, w.peak, w.peak_at,
           coalesce(last_value(w.final ignore nulls) over (partition by m.feature_no, y.way order by m.month
                    rows between unbounded preceding and 1 preceding), 0) as before
    from month_ as m cross join (select unnest({list(WAYS)}) as way) as y
    left join within_ as w on w.feature_no = m.feature_no and w.month = m.month and w.way = y.way
),
feature_ as (select distinct feature_no, daemon, feature from names_)
select month, daemon, feature, {peaks},
       max(case when coalesce(peak, 0) > before then peak_at
       else month::timestamp end) filter (way = 'handles') as peak_handles_at
from carried_ inner join feature_ using (feature_no) group by all order by month, daemon, feature"""


def peak_column(dup_group: str | None) -> str:
    """The column of `peaks_sql` that counts as a licence with this DUP_GROUP does.

    Only U and H can be seen in a log; D and V are ignored beside them. SITE, NONE and D or V alone: handles, an upper
    bound.
    """
    letters = set() if (dup_group or "").upper() in {"SITE", "NONE"} else set((dup_group or "").upper())
    if {"U", "H"} <= letters:
        return "peak_pairs"
    return "peak_users" if "U" in letters else "peak_hosts" if "H" in letters else "peak_handles"


def denials_sql(source: str, grant_seconds: int = 5) -> str:
    """Denials per month and feature: lines; attempts (one user on one host in one second, whatever it asked for); lost
    attempts.

    Columns: month, daemon, feature, lines, attempts, lost. An attempt is not lost where one of the features it was
    denied is given to the same user and host within `grant_seconds`: the server fell back to another licence
    (cascading). Lines of overlapping files count once.
    """
    return f"""with {_once_ctes(source, "'OUT', 'DENIED'").strip()},
line_ as (select o.*, n.* exclude (handle, users, hosts, daemon_no) from once_ as o inner
join names_ as n using (handle)),
given_ as (
    select distinct d.server_key, d.daemon, d.event_at, d.user_key, d.host_key
    from once_ as o inner join line_ as d using (handle)
    where d.operation = 'DENIED' and o.operation = 'OUT'
      and o.sequence_at >= d.sequence_at and o.sequence_at < d.sequence_at + interval ({grant_seconds} + 1) second
      and (o.sequence_at > d.sequence_at or o.file <> d.file or o.line_number > d.line_number)
)
select cast(date_trunc('month', d.event_at) as date) as month, d.daemon, d.feature, count(*) as lines,
       count(distinct (d.server_key, d.event_at, d.user_key, d.host_key)) as attempts,
       count(distinct (d.server_key, d.event_at, d.user_key, d.host_key)) filter (g.event_at is null) as lost
from line_ as d left join given_ as g
  on g.server_key = d.server_key and g.daemon = d.daemon and g.event_at = d.event_at and g.user_key = d.user_key
  and g.host_key = d.host_key
where d.operation = 'DENIED' group by all order by month, daemon, feature"""


def sessions_sql(source: str) -> str:
    """Check-outs with the check-ins that ended them, first in first out within a feature, user and host.

    Columns: server, daemon, feature, user_name, host, started_at, ended_at (null: open at the end), licences, closed_by
    (`IN`, `START`, `EXIT`, `open`), is_exact (false where several were open at once, so that which one ended is not
    known), file, line_number (of the OUT). Without a check-in a session ends with the daemon; what was checked in
    without having been out is no session.
    """
    return f"""with {_level_ctes(source).strip()},
outs_ as (
    select *, row_number() over (partition by handle, epoch order by place) as turn,
           level = step and coalesce(lead(level = step) over (partition by handle, epoch order by place),
           true) as is_exact
    from level_ where operation = 'OUT'
),
ins_ as (
    select *, row_number() over (partition by handle, epoch order by place) as turn from level_ where operation = 'IN'
        and step < 0
)
select nullif(n.server_key, '') as server, n.daemon, n.feature, s.user_name, s.host, o.event_at as started_at,
       coalesce(i.event_at, c.sequence_at) as ended_at, o.licences, coalesce(i.operation, c.operation,
       'open') as closed_by, o.is_exact,
       o.file, o.line_number
from outs_ as o
inner join names_ as n using (handle)
inner join source_ as s on s.file = o.file and s.line_number = o.line_number
left join ins_ as i on i.handle = o.handle and i.epoch = o.epoch and i.turn = o.turn
left join closing_ as c on c.daemon_no = o.daemon_no and c.epoch = o.epoch + 1
order by o.place"""
