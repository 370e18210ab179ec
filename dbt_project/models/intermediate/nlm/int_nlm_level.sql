-- Grain: check-out or check-in: how many licences its feature, user and host hold after it (level), and by how much it
-- moved them (step).
-- A check-in of what is not out moves nothing; a start or exit of the daemon begins at nought (a new epoch).
with moved as (
    select
        e.review_month, e.handle, e.feature_no, e.daemon_no, e.epoch, e.place, e.sequence_at, e.operation, e.src,
        sum(case when e.operation = 'OUT' then e.licences else -e.licences end) over (
            partition by e.review_month, e.handle, e.epoch order by e.place rows unbounded preceding) as balance
    from {{ ref('int_nlm_event') }} as e
    where e.operation in ('OUT', 'IN')
),
floored as (
    select m.*,
        m.balance - least(0, min(m.balance) over (
            partition by m.review_month, m.handle, m.epoch order by m.place rows unbounded preceding)) as level
    from moved as m
)
select
    f.* {{ all_but('balance') }},
    f.level - coalesce(lag(f.level) over (partition by f.review_month, f.handle, f.epoch order by f.place), 0) as step
from floored as f
