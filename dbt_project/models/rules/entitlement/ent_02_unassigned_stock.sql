-- ENT-02: more stock than the team needs. Grain: (team, offering).
with stock as (
    select
        p.*,
        m.as_of,
        p.entitled - p.assigned - {{ param_for('ENT-02', 'min_stock', 'p', 'p.offering_key') }} as spare,
        greatest(1, {{ param_for('ENT-02', 'share', 'p', 'p.offering_key') }} * p.entitled) as allowed,
        {{ param_for('ENT-02', 'notice_days', 'p', 'p.offering_key') }} as notice_days
    from {{ ref('int_position') }} as p
    inner join {{ ref('int_month') }} as m on m.review_month = p.review_month
)
select
    {{ finding(
        'ENT-02', observed='s.assigned', threshold='s.entitled', excess='s.spare', review_month='s.review_month',
        team='s.team_alias', offering='s.offering_key',
        exposure=['s.spare', 's.price'], currency='s.currency', price_basis='s.price_basis',
        severity="case when " ~ days_between('s.earliest_end_in_force', 's.as_of')
            ~ " <= s.notice_days then 'high' else 'medium' end",
        confidence="case when s.has_unknown_status then 'low' else 'high' end",
        recommended_action="'reduce_at_renewal'", evidence='s.subscription_evidence',
        amount_now=money(['s.spare', 's.price']), amount_alternative='case when s.price is not null then 0 end',
        detail="s.entitled || ' seats are there and ' || s.assigned || ' assigned: ' || " ~ plain_number("s.spare")
            ~ " || ' are unused.' || case when s.has_unknown_status
            then ' A subscription here has a status that no value table knows; it is counted by its dates.' else '' end"
    ) }}
from stock as s
where s.spare > s.allowed and {{ concluded('ENT-02', 's') }}
