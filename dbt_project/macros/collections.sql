{# A collection of which one member is used, and the prices of both: read by the rule (USE-06) and by the count of those
   it leaves out because of a rate that is missing. Aliases: s the use, a the seat, p and o the member's price with and
   without team, x and y the rates of the collection's and of the member's currency. #}
{% macro from_collections_used() -%}
from {{ ref('int_collection_use') }} as s
    inner join {{ ref('int_assignment') }} as a on a.review_month = s.review_month and a.person_key = s.person_key
        and a.offering_key = s.collection_key
    left join {{ ref('int_position') }} as p
        on p.review_month = a.review_month and p.team_alias = a.team_alias and p.offering_key = s.member_key
            and p.price is not null
    left join {{ ref('int_offering_price') }} as o on o.review_month = a.review_month and o.offering_key = s.member_key
    left join {{ ref('int_rate') }} as x on x.review_month = a.review_month and x.currency = a.currency
    left join {{ ref('int_rate') }} as y on y.review_month = a.review_month
        and y.currency = coalesce(p.currency, o.currency)
{%- endmacro %}

{# Exact prices in one currency: where the two differ, in the organisation's; null without a rate. #}
{% macro price_of_collection() -%}
{{ converted('a.price', rate_where('a.currency <> coalesce(p.currency, o.currency)', 'x.per_unit')) }}
{%- endmacro %}

{% macro price_of_member_used() -%}
{{ converted('coalesce(p.price, o.price)',
    rate_where('a.currency <> coalesce(p.currency, o.currency)', 'y.per_unit')) }}
{%- endmacro %}
