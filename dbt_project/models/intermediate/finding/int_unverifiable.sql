-- Grain: (rule, person or null, domain or null): why a finding of the month before that is not there now may still
-- hold, and is not closed: an input that the rule stands on is not whole (all findings of the rule), not joinable for a
-- domain (those of its people), or a row of it that is about the person was rejected.
-- Kept over runs: a finding that comes back later must know whether it was gone. Rows of variants are there for their
-- run only; readers ask for the variants of the run.
{{ config(materialized='incremental', incremental_strategy='append', on_schema_change='fail',
    full_refresh=false, pre_hook="{{ replace_months() }}") }}
select c.review_month, i.rule_id, cast(null as string) as person_key, cast(null as string) as domain,
    {{ distinct_text("c.input || ' is not whole'", '; ') }} as reason
from {{ ref('int_rule_input') }} as i
inner join {{ ref('int_input_complete') }} as c on c.input = i.input and c.months_back = i.months_back
    and not c.is_complete
group by c.review_month, i.rule_id
union all
select j.review_month, k.rule_id, cast(null as string), j.domain,
    {{ distinct_text("j.input || ' is not joinable for ' || j.domain", '; ') }}
from {{ ref('int_input_joinable') }} as j
inner join (values ('IDN-01', 'directory_users'), ('ADM-03', 'directory_users'),
    ('HUB-01', 'directory_users'), ('CON-04', 'hr_workers')) as k (rule_id, input) on k.input = j.input
where not j.is_joinable
group by j.review_month, k.rule_id, j.domain
union all
select distinct j.review_month, 'ADM-07', cast(null as string), cast(null as string),
    'directory_users is not joinable for every domain'
from {{ ref('int_input_joinable') }} as j
where j.input = 'directory_users' and not j.is_joinable
union all
select r.review_month, i.rule_id, r.person_key, cast(null as string),
    {{ distinct_text("'a row of ' || r.input || ' about the person was rejected'", '; ') }}
from {{ ref('int_rule_input') }} as i
inner join {{ ref('int_rejected_person') }} as r on r.input = i.input and r.months_back = i.months_back
group by r.review_month, i.rule_id, r.person_key
