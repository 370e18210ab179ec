-- Grain: (review_month, team, offering, person) of A with a finding on the seat: what is to be done with it, and which
-- seats can be given up. is_freed: on the de-provisioning list with unassign or edit_group, and nobody refused.
-- freed_place: the order in which freed seats cure an over-assignment. A member of a collection whose only reason is
-- the collection (USE-07) stays where that collection itself goes (is_kept): the two are not added up.
with seat as (
    select
        s.review_month, s.action_id, s.team_alias, s.offering_key, s.person_key, s.rule_ids, s.list_rule_ids, s.state,
        {{ severity_place('s.severity') }} as severity_place, a.last_use, a.price, a.currency, a.price_basis,
        case when s.list_rule_ids is not null then {{ seat_removal('a', "(instr(s.list_rule_ids, 'CON-02') > 0
            or instr(s.list_rule_ids, 'CON-04') > 0)") }} end as removal,
        instr(s.rule_ids, 'USE-06') > 0 as to_single
    from {{ ref('int_action_subject') }} as s
    inner join {{ ref('int_assignment') }} as a on a.review_month = s.review_month and a.team_alias = s.team_alias
        and a.offering_key = s.offering_key and a.person_key = s.person_key
    where s.subject_type = 'seat'
),
going_collection as (
    select review_month, team_alias, offering_key, person_key from seat
    where state not in ('refused', 'lapsed')
        and ((removal in ('unassign', 'edit_group') and list_rule_ids <> 'USE-07') or to_single)
),
kept_member as (
    select d.review_month, d.team_alias, d.offering_key, d.person_key
    from {{ ref('int_duplicate_seat') }} as d
    left join going_collection as g on g.review_month = d.review_month and g.team_alias = d.team_alias
        and g.person_key = d.person_key and g.offering_key = d.collection_key
    where d.rule_id = 'USE-07'
    group by d.review_month, d.team_alias, d.offering_key, d.person_key
    having count(*) = count(g.person_key)
),
judged as (
    select s.*, s.list_rule_ids = 'USE-07' and k.person_key is not null as is_kept,
        coalesce(s.removal in ('unassign', 'edit_group'), false) and s.state not in ('refused', 'lapsed')
            and not coalesce(s.list_rule_ids = 'USE-07' and k.person_key is not null, false) as is_freed
    from seat as s
    left join kept_member as k on k.review_month = s.review_month and k.team_alias = s.team_alias
        and k.offering_key = s.offering_key and k.person_key = s.person_key
)
select
    j.review_month, j.action_id, j.team_alias, j.offering_key, j.person_key, j.removal, j.to_single,
    coalesce(j.is_kept, false) as is_kept, j.is_freed, j.price, j.currency, j.price_basis,
    case when j.is_freed then row_number() over (partition by j.review_month, j.team_alias, j.offering_key, j.is_freed
        order by j.severity_place, j.last_use nulls first, j.person_key) end as freed_place
from judged as j
