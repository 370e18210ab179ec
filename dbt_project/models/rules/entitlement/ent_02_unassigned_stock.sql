-- ENT-02: more stock than the team needs. Grain: (team, offering).
with stock as (
    select
        p.*,
        m.as_of,
        p.entitled - p.assigned - {{ param_for('ENT-02', 'min_stock', 'p', 'p.offering_key') }} as spare,
        greatest(1, {{ param_for('ENT-02', 'share', 'p', 'p.offering_key') }} * p.entitled) as allowed,
        {{ param_for('ENT-02', 'notice_days', 'p', 'p.offering_key') }} as notice_days
    from {{ ref('int_position') }} as p
    inner join {{ ref('int_month') }} as m using (review_month)
),
found as (
    select
        s.review_month, s.team_alias, s.offering_key,
        s.assigned as observed, s.entitled as threshold, s.spare as excess,
        {{ exact(['s.spare', 's.price']) }} as exposure, s.currency, s.price_basis,
        case when {{ days_between('s.earliest_end_in_force', 's.as_of') }} <= s.notice_days then 'high'
            else 'medium' end as severity,
        case when s.has_unknown_status then 'low' else 'high' end as confidence,
        'reduce_at_renewal' as recommended_action, s.subscription_evidence as evidence,
        {{ money(['s.spare', 's.price']) }} as amount_now,
        case when s.price is not null then 0 end as amount_alternative,
        s.entitled || ' seats are there and ' || s.assigned || ' assigned: ' || {{ plain_number('s.spare') }}
            || ' are unused.' || {{ note_on_status('s.has_unknown_status') }} as detail
    from stock as s
    where s.spare > s.allowed and {{ concluded('ENT-02', 's') }}
)
select {{ finding('ENT-02', ['team_alias', 'offering_key', 'excess', 'exposure', 'confidence', 'amount_now',
    'amount_alternative']) }}
from found
