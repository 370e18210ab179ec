-- Grain: (review_month, finding, change, cause): findings that a change of parameters, prices, rates or terms since the
-- month before alone made appear or vanish: the month was asked once more without the change, and they differ in these.
with variant as (
    select m.review_month, m.drop_month, c.kind, c.detail
    from {{ ref('int_month') }} as m
    inner join {{ source('reference', 'change') }} as c on c.review_month = m.drop_month
        and {{ variant_of('m.review_month') }} = 'without-' || c.kind
),
appeared as (
    select v.drop_month as review_month, f.finding_id, 'appeared' as change, v.kind, v.detail, f.rule_id, f.team_alias,
        f.offering_key, f.person_key, f.scope
    from variant as v
    inner join {{ ref('int_finding') }} as f on f.review_month = v.drop_month
    where not exists (select 1 from {{ ref('int_finding') }} as o
        where o.review_month = v.review_month and o.finding_id = f.finding_id)
),
vanished as (
    select v.drop_month as review_month, f.finding_id, 'vanished' as change, v.kind, v.detail, f.rule_id, f.team_alias,
        f.offering_key, f.person_key, f.scope
    from variant as v
    inner join {{ ref('int_finding') }} as f using (review_month)
    where not exists (select 1 from {{ ref('int_finding') }} as o
        where o.review_month = v.drop_month and o.finding_id = f.finding_id)
)
select review_month, finding_id, change, kind as cause, detail, rule_id, team_alias, offering_key, person_key, scope
    from appeared
union all
select review_month, finding_id, change, kind, detail, rule_id, team_alias, offering_key, person_key, scope
    from vanished
