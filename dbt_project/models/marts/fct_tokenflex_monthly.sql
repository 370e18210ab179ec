-- Grain: (review_month, usage month, contract year, offering, category): Token Flex consumption of the enterprise
-- agreement as the drops up to M tell it.
select
    t.review_month, {{ month_begin('t.review_month') }} as month_start,
    t.usage_month, cast(t.contract_year as bigint) as contract_year, t.offering_key, t.usage_category,
    cast(sum(t.tokens_consumed) as {{ total_type() }}) as tokens, count(*) as usage_rows,
        count(distinct t.user_name) as users
from {{ ref('int_tokenflex') }} as t
group by t.review_month, t.usage_month, t.contract_year, t.offering_key, t.usage_category
