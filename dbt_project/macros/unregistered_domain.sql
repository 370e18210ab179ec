{# Findings of seats whose holder has an address of a domain that is not registered, which CON-02 and IDN-09 ask about.
   sentence: an expression over the seat `a` and the person `p`. #}
{% macro seats_of_unregistered_domains(sentence) -%}
select
    a.review_month, a.team_alias, a.offering_key, a.person_key,
    1 as observed, 0 as threshold, a.price as exposure, a.currency, a.price_basis,
    'high' as severity, 'review' as recommended_action, a.routes as route, a.evidence, a.days_12m,
    {{ sentence }} as detail
from {{ ref('int_assignment') }} as a
inner join {{ ref('int_person') }} as p using (review_month, person_key)
where not p.is_hash and p.domain_kind is null
{%- endmacro %}
