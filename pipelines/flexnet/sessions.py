"""Events to numbers: greatest concurrency per feature and month, denials, sessions. Set-based SQL over a relation of events.

Every function returns the text of one query (DuckDB; window functions and joins only) over `source`, a table, view or parenthesised query
with the columns of `debuglog.SCHEMA` and `file` (any value that tells the files apart and orders them).

The rules: a line found in several overlapping files counts as often as in the file that has it most. A start or exit of a daemon (of lmgrd:
of every daemon of that server) checks everything in; a check-in of what is not out changes nothing; reservations are no use. The log has
no handles, so levels are counted per feature, user and host, never paired; names are compared without case.
With DUP_GROUP a user (U), a host (H) or both (UH) take a licence once, as many as the largest single check-out while any is open.
"""

from __future__ import annotations

GROUPS = {"handles": "", "users": "user_key", "hosts": "host_key", "pairs": "user_key, host_key"}
SERVER = "lower(coalesce(server, (select case when count(distinct lower(server)) = 1 then max(server) else '' end from source_)))"


def _level_ctes(source: str) -> str:
    """CTEs up to `level_`: every check-out and check-in with the level of its feature, user and host after it, within its epoch."""
    return f"""
source_ as (select * from {source}),
numbered_ as (
    select *, {SERVER} as server_key, lower(coalesce(user_name, '')) as user_key, lower(coalesce(host, '')) as host_key,
           row_number() over (partition by file, event_at, daemon, operation, feature, lower(user_name), lower(host), licences
                              order by line_number) as nth_
    from source_ where operation in ('OUT', 'IN', 'START', 'EXIT') and not is_reservation
),
once_ as (
    select * from numbered_
    qualify row_number() over (partition by server_key, event_at, daemon, operation, feature, user_key, host_key, licences, nth_
                               order by file, line_number) = 1
),
daemon_ as (select distinct server_key, daemon from once_ where operation in ('OUT', 'IN')),
ended_ as (
    select o.server_key, d.daemon, o.sequence_at, o.file, o.line_number, o.operation
    from once_ as o inner join daemon_ as d on o.server_key = d.server_key and (o.daemon = d.daemon or o.daemon = 'lmgrd')
    where o.operation in ('START', 'EXIT')
),
mixed_ as (
    select server_key, daemon, sequence_at, event_at, file, line_number, operation, feature, user_name, host, user_key, host_key,
           licences, 0 as is_end from once_ where operation in ('OUT', 'IN')
    union all
    select server_key, daemon, sequence_at, sequence_at, file, line_number, operation, null, null, null, null, null, 0, 1 from ended_
),
placed_ as (
    select *, row_number() over (order by sequence_at, file, line_number, is_end, daemon) as place
    from mixed_
),
epoch_ as (
    select *, sum(is_end) over (partition by server_key, daemon order by place rows unbounded preceding) as epoch
    from placed_
),
moved_ as (
    select *, sum(case when operation = 'OUT' then licences else -licences end)
               over (partition by server_key, daemon, epoch, feature, user_key, host_key order by place rows unbounded preceding) as sum_
    from epoch_ where is_end = 0
),
floor_ as (
    select *, least(0, min(sum_) over (partition by server_key, daemon, epoch, feature, user_key, host_key
                                       order by place rows unbounded preceding)) as lowest_
    from moved_
),
level_ as (select *, sum_ - lowest_ as level from floor_),
closing_ as (select server_key, daemon, epoch, place, sequence_at, operation from epoch_ where is_end = 1)"""


def _change_ctes(group: str) -> str:
    """CTEs up to `change_<group>`: by how many licences, and where, a group's hold on its feature changes."""
    keys = GROUPS[group]
    part = "server_key, daemon, epoch, feature" + (f", {keys}" if keys else "")
    handle = "server_key, daemon, epoch, feature, user_key, host_key"
    step = f"level - coalesce(lag(level) over (partition by {handle} order by place), 0)"
    if group == "handles":
        held = f"""
step_{group} as (select {part}, place, sequence_at, {step} as change from level_),
"""
    else:
        held = f"""
open_{group} as (
    select {part}, place, sequence_at, operation, licences, step_,
           sum(step_) over (partition by {part} order by place rows unbounded preceding) as open_
    from (select *, {step} as step_ from level_) as s
),
spell_{group} as (
    select *, sum(case when open_ > 0 and open_ = step_ then 1 else 0 end)
               over (partition by {part} order by place rows unbounded preceding) as spell
    from open_{group}
),
seats_{group} as (
    select {part}, place, sequence_at,
           case when open_ = 0 then 0
                else max(case when step_ > 0 then step_ else 0 end) over (partition by {part}, spell order by place rows unbounded preceding)
           end as seats
    from spell_{group}
),
step_{group} as (
    select {part}, place, sequence_at, seats - coalesce(lag(seats) over (partition by {part} order by place), 0) as change
    from seats_{group}
),
"""
    return (
        held
        + f"""left_{group} as (select server_key, daemon, epoch, feature, sum(change) as held from step_{group} group by all having sum(change) > 0),
change_{group} as (
    select daemon, feature, place, sequence_at, change from step_{group}
    union all
    select l.daemon, l.feature, c.place, c.sequence_at, -l.held from left_{group} as l
    inner join closing_ as c on l.server_key = c.server_key and l.daemon = c.daemon and c.epoch = l.epoch + 1
),
total_{group} as (
    select daemon, feature, place, sequence_at, sum(change) over (partition by daemon, feature order by place rows unbounded preceding) as total
    from change_{group}
)"""
    )


def peaks_sql(source: str) -> str:
    """Greatest concurrency per month, feature and way of counting.

    Columns: month (first day), daemon, feature, peak_handles, peak_users, peak_hosts, peak_pairs (licences; which one is compared with the
    count issued follows from DUP_GROUP, see `peak_column`), peak_handles_at (first time it was reached; the month's first instant if it was
    carried in). What was open before the month counts. One row per month from a feature's first event to the last line of the events.
    """
    ctes = ",\n".join([_level_ctes(source), *(_change_ctes(g).strip() for g in GROUPS)])
    totals = "\nunion all\n".join(f"select '{g}' as way, * from total_{g}" for g in GROUPS)
    return f"""with {ctes.strip()},
total_ as ({totals}),
last_ as (select max(event_at) as at from source_),
first_ as (select daemon, feature, min(sequence_at) as at from total_ group by all),
month_ as (
    select f.daemon, f.feature, cast(m.month as date) as month
    from first_ as f, last_ as l, lateral unnest(range(date_trunc('month', f.at)::timestamp, l.at + interval 1 second, interval 1 month)) as m(month)
),
within_ as (
    select way, daemon, feature, cast(date_trunc('month', sequence_at) as date) as month, max(total) as peak,
           arg_max(total, place) as final, arg_max(sequence_at, (total, -place)) as peak_at
    from total_ group by all
),
carried_ as (
    select m.month, m.daemon, m.feature, w.way, w.peak, w.peak_at,
           coalesce(last_value(w.final ignore nulls) over (partition by m.daemon, m.feature, w_.way order by m.month
                    rows between unbounded preceding and 1 preceding), 0) as before, w_.way as way_
    from month_ as m cross join (select distinct way from total_) as w_
    left join within_ as w on w.daemon = m.daemon and w.feature = m.feature and w.month = m.month and w.way = w_.way
)
select month, daemon, feature,
       {", ".join(f"cast(max(greatest(coalesce(peak, 0), before)) filter (way_ = '{g}') as bigint) as peak_{g}" for g in GROUPS)},
       max(case when coalesce(peak, 0) > before then peak_at else month::timestamp end) filter (way_ = 'handles') as peak_handles_at
from carried_ group by all order by month, daemon, feature"""


def peak_column(dup_group: str | None) -> str:
    """The column of `peaks_sql` that counts as a licence with this DUP_GROUP does.

    Only U and H can be seen in a log; D and V are ignored beside them. SITE, NONE and D or V alone: handles, an upper bound.
    """
    letters = set() if (dup_group or "").upper() in {"SITE", "NONE"} else set((dup_group or "").upper())
    if {"U", "H"} <= letters:
        return "peak_pairs"
    return "peak_users" if "U" in letters else "peak_hosts" if "H" in letters else "peak_handles"


def denials_sql(source: str, grant_seconds: int = 5) -> str:
    """Denials per month and feature: lines; attempts (one user on one host in one second, whatever it asked for); lost attempts.

    Columns: month, daemon, feature, lines, attempts, lost. An attempt is not lost where one of the features it was denied is given to the
    same user and host within `grant_seconds`: the server fell back to another licence (cascading). Lines of overlapping files count once.
    """
    return f"""with source_ as (select * from {source}),
numbered_ as (
    select *, {SERVER} as server_key, lower(coalesce(user_name, '')) as user_key, lower(coalesce(host, '')) as host_key,
           row_number() over (partition by file, event_at, daemon, operation, feature, lower(user_name), lower(host) order by line_number) as nth_
    from source_ where operation in ('OUT', 'DENIED') and not is_reservation
),
once_ as (
    select * from numbered_
    qualify row_number() over (partition by server_key, event_at, daemon, operation, feature, user_key, host_key, nth_
                               order by file, line_number) = 1
),
given_ as (
    select distinct d.server_key, d.daemon, d.event_at, d.user_key, d.host_key
    from once_ as d inner join once_ as o
      on o.server_key = d.server_key and o.daemon = d.daemon and o.user_key = d.user_key and o.host_key = d.host_key
     and o.feature = d.feature and o.sequence_at >= d.sequence_at and o.sequence_at < d.sequence_at + interval ({grant_seconds} + 1) second
     and (o.sequence_at > d.sequence_at or o.file <> d.file or o.line_number > d.line_number)
    where d.operation = 'DENIED' and o.operation = 'OUT'
)
select cast(date_trunc('month', d.event_at) as date) as month, d.daemon, d.feature, count(*) as lines,
       count(distinct (d.server_key, d.event_at, d.user_key, d.host_key)) as attempts,
       count(distinct (d.server_key, d.event_at, d.user_key, d.host_key)) filter (g.event_at is null) as lost
from once_ as d left join given_ as g using (server_key, daemon, event_at, user_key, host_key)
where d.operation = 'DENIED' group by all order by month, daemon, feature"""


def sessions_sql(source: str) -> str:
    """Check-outs with the check-ins that ended them, first in first out within a feature, user and host.

    Columns: server, daemon, feature, user_name, host, started_at, ended_at (null: open at the end), licences, closed_by (`IN`, `START`,
    `EXIT`, `open`), is_exact (false where several were open at once, so that which one ended is not known), file, line_number (of the OUT).
    Without a check-in a session ends with the daemon; what was checked in without having been out is no session.
    """
    key = "server_key, daemon, epoch, feature, user_key, host_key"
    return f"""with {_level_ctes(source).strip()},
stepped_ as (select *, level - coalesce(lag(level) over (partition by {key} order by place), 0) as step_ from level_),
outs_ as (select *, row_number() over (partition by {key} order by place) as nth from stepped_ where operation = 'OUT'),
ins_ as (select *, row_number() over (partition by {key} order by place) as nth from stepped_ where operation = 'IN' and step_ < 0)
select nullif(o.server_key, '') as server, o.daemon, o.feature, o.user_name, o.host, o.event_at as started_at,
       coalesce(i.event_at, c.sequence_at) as ended_at, o.licences, coalesce(i.operation, c.operation, 'open') as closed_by,
       o.level = o.step_ and max(o.level) over (partition by o.server_key, o.daemon, o.epoch, o.feature, o.user_key, o.host_key
           order by o.place rows between current row and 1 following) <= o.level as is_exact,
       o.file, o.line_number
from outs_ as o
left join ins_ as i on i.server_key = o.server_key and i.daemon = o.daemon and i.epoch = o.epoch and i.feature = o.feature
    and i.user_key = o.user_key and i.host_key = o.host_key and i.nth = o.nth
left join closing_ as c on c.server_key = o.server_key and c.daemon = o.daemon and c.epoch = o.epoch + 1
order by o.place"""
