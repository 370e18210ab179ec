-- Grain: way of counting (handles, pairs, users, hosts), feature, moment of change: how many licences of the feature
-- are held from then on (total).
-- With a DUP_GROUP a user, a host or a pair of both takes a licence once: as many as its largest single check-out while
-- any is open.
{% set ways = {'pairs': 'l.handle', 'users': 'h.user_no', 'hosts': 'h.host_no'} %}
with opened as (
    {% for way, holder in ways.items() %}
    select
        '{{ way }}' as way, l.review_month, l.feature_no, l.daemon_no, {{ holder }} as holder, l.epoch, l.place,
            l.sequence_at, l.step,
        sum(l.step) over (
            partition by l.review_month, {{ holder }}, l.epoch order by l.place rows unbounded preceding) as held
    from {{ ref('int_nlm_level') }} as l
    inner join {{ ref('int_nlm_handle') }} as h on h.review_month = l.review_month and h.handle = l.handle
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),
spelled as (
    -- A spell lasts while anything is open.
    select o.*,
        sum(case when o.held > 0 and o.held = o.step then 1 else 0 end) over (
            partition by o.way, o.review_month, o.holder, o.epoch order by o.place rows unbounded preceding) as spell
    from opened as o
),
seated as (
    select s.*,
        case when s.held > 0 then max(greatest(s.step, 0)) over (
            partition by s.way, s.review_month, s.holder, s.epoch, s.spell order by s.place rows unbounded preceding)
        else 0 end as seats
    from spelled as s
),
stepped as (
    select
        s.way, s.review_month, s.feature_no, s.daemon_no, s.holder, s.epoch, s.place, s.sequence_at,
        s.seats - coalesce(lag(s.seats) over (partition by s.way, s.review_month, s.holder, s.epoch order by s.place),
            0) as change
    from seated as s
    union all
    select 'handles' as way, review_month, feature_no, daemon_no, handle as holder, epoch, place, sequence_at,
        step as change
    from {{ ref('int_nlm_level') }}
),
open_at_end as (
    select way, review_month, feature_no, daemon_no, epoch, sum(change) as held
    from stepped
    group by way, review_month, feature_no, daemon_no, epoch
    having sum(change) > 0
),
changed as (
    select way, review_month, feature_no, place, sequence_at, change from stepped where change <> 0
    union all
    select o.way, o.review_month, o.feature_no, e.place, e.sequence_at, -o.held as change
    from open_at_end as o
    inner join {{ ref('int_nlm_event') }} as e
        on e.review_month = o.review_month and e.daemon_no = o.daemon_no and e.epoch = o.epoch + 1 and e.is_end = 1
),
net as (
    select way, review_month, feature_no, place, max(sequence_at) as sequence_at, sum(change) as change
    from changed
    group by way, review_month, feature_no, place
)
select
    n.way, n.review_month, n.feature_no, n.place, n.sequence_at,
    sum(n.change) over (partition by n.way, n.review_month, n.feature_no
        order by n.place rows unbounded preceding) as total
from net as n
