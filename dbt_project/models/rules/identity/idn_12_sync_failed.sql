-- IDN-12: directory sync is late or faulty, or a group lost most of its members. Grain: team; scope = last_sync,
-- sync_errors, or the group.
with late as (
    select c.review_month, c.team_alias, max({{ microseconds_between('c.seen_at', 'c.last_sync_at') }}) as late_by,
        {{ evidence('c.src') }} as evidence
    from {{ ref('int_directory_sync') }} as c
    where c.directory_sync_enabled and c.last_sync_at is not null
        and {{ microseconds_between('c.seen_at', 'c.last_sync_at') }}
            > {{ param_decimal('IDN-12', 'hours', 'c') }} * 3600000000
    group by c.review_month, c.team_alias
),
lost as (
    select b.review_month, b.team_alias, b.group_name, count(*) as members_before,
        count(*) filter (where g.person_key is null and {{ concluded_of('IDN-12', 'b', 'members') }}) as lost,
        {{ evidence('case when g.person_key is null then b.src end') }} as evidence,
            bool_or(coalesce(c.only_fewer_rows, false)) as only_fewer_rows
    from {{ ref('int_previous_group_member') }} as b
    inner join {{ ref('int_input_present') }} as i on i.review_month = b.review_month and i.input = 'groups'
        and i.in_drop and i.in_prev
    left join {{ ref('int_input_complete') }} as c on c.review_month = b.review_month and c.input = 'groups'
        and c.months_back = 0
    left join {{ ref('int_portal_group') }} as g
        on g.review_month = b.review_month and g.team_alias = b.team_alias and g.group_name = b.group_name
            and g.person_key = b.person_key
    where b.months_back = 1
    group by b.review_month, b.team_alias, b.group_name
),
found as (
    select
        l.review_month, l.team_alias, 'last_sync' as scope,
        cast(l.late_by as double) / 3600000000 as observed, {{ param('IDN-12', 'hours', 'l') }} as threshold,
        'medium' as severity, 'high' as confidence, 'fix_sync' as recommended_action,
        l.evidence, {{ list_size('l.evidence') }} as evidence_count,
        'The directory was last synchronised ' || {{ plain_number('cast(l.late_by as double) / 3600000000') }}
            || ' hours before the export.' as detail
    from late as l
    union all
    select
        s.review_month, s.team_alias, 'sync_errors', cast(sum(s.sync_errors) as double), 0,
        'medium', 'high', 'fix_sync', {{ evidence('s.src') }}, {{ list_size(evidence('s.src')) }},
        'The directory sync reports ' || {{ counted('sum(s.sync_errors)', 'error') }} || '.'
    from {{ ref('int_directory_sync') }} as s
    where s.sync_errors > 0
    group by s.review_month, s.team_alias
    union all
    select
        x.review_month, x.team_alias, x.group_name, x.lost, {{ param('IDN-12', 'lost', 'x') }},
        'critical', case when x.only_fewer_rows then 'low' else 'high' end, 'fix_sync', x.evidence, x.lost,
        x.lost || ' of the ' || {{ counted('x.members_before', 'member') }}
            || ' of last month are no longer in the group.'
            || case when x.only_fewer_rows then ' The file of groups has fewer than half of its former rows: '
                || 'did the export lose them, or the synchronisation?' else '' end
    from lost as x
    where x.lost >= {{ param('IDN-12', 'lost', 'x') }}
        and x.lost > {{ param_decimal('IDN-12', 'lost_share', 'x') }} * x.members_before
)
select {{ finding('IDN-12', ['team_alias', 'scope', 'confidence', 'evidence_count']) }}
from found
