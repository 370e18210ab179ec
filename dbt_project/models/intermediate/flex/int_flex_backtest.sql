-- Grain: pool with a term: how far v_now was off. At each earlier month end of the term the rule of v_now forecasts
-- what will be consumed by as_of;
-- backtest_mape is the mean of |forecast - outcome| / outcome over those month ends, null without one or where nothing
-- was consumed.
select
    review_month, team_alias, count(*) as backtest_months,
    -- The outcome is the same for every month end: one sum of decimals, one division.
    cast(sum(abs(forecast_v_now - outcome)) as double) / nullif(cast(max(outcome) as double) * count(*),
        0) as backtest_mape
from {{ ref('int_flex_cut') }}
group by review_month, team_alias
