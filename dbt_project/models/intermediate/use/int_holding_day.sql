-- Grain: interval in which a person held an offering, itself or through a collection (membership of those days). Open
-- ends are far dates.
-- Seats of A are held from assigned_date (null = always); rows no longer assigned until their unassigned_date.
with span as (
    select s.review_month, s.person_key, s.offering_key,
        coalesce(s.assigned_date, cast('1900-01-01' as date)) as held_from, cast('9999-12-31' as date) as held_to
    from {{ ref('int_seat') }} as s
    union all
    select u.review_month, u.person_key, u.offering_key, coalesce(u.assigned_date, cast('1900-01-01' as date)),
        u.unassigned_date
    from {{ ref('int_usage_report') }} as u
    where not u.is_assigned and not u.is_flex and u.unassigned_date is not null
)
select distinct review_month, person_key, offering_key, held_from, held_to from span
union
select s.review_month, s.person_key, c.member_key, greatest(s.held_from, c.valid_from), least(s.held_to, c.valid_to)
from span as s
inner join {{ source('reference', 'collection_members') }} as c
    on c.review_month = s.review_month and c.collection_key = s.offering_key
    and c.valid_from <= s.held_to and s.held_from <= c.valid_to
