-- Grain: row of usage_report of drop(M); per (team, offering, person, version, access option) all rows of the file of
-- highest precedence.
with resolved as (
    select
        u.review_month,
        u.team_alias,
        u.offering_name,
        o.offering_key,
        {{ person_key('u', hash='hashed_autodesk_id') }} as person_key,
        u.email,
        u.first_name,
        u.last_name,
        u.version,
        {{ lower_case('u.seat_assignment') }} = 'assigned' as is_assigned,
        u.access_option,
        coalesce(instr({{ fold('u.access_option') }}, 'flex') > 0, false) as is_flex,
        cast(u.assigned_date as date) as assigned_date,
        cast(u.unassigned_date as date) as unassigned_date,
        u.last_accessed,
        {{ is_unread('last_accessed', 'u') }} as access_unread,
        {{ is_unread('assigned_date', 'u') }} as assigned_unread,
        u.file_rank,
        u.src
    from {{ ref('stg_portal__usage_report') }} as u
    inner join {{ ref('int_offering_name') }} as o on o.review_month = u.review_month and o.name = u.offering_name
    {{ person_joins('u', hash='hashed_autodesk_id') }}
)
select * from resolved
qualify file_rank = max(file_rank) over (partition by review_month, team_alias, offering_key, person_key, version,
    access_option)
