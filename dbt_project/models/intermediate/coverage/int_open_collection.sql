-- Grain: (collection, stretch of days): the days on which its list of members is not known to be complete. Without a
-- row of collection_coverage: all days.
with whole as (
    select review_month, collection_key, valid_from, valid_to from {{ source('reference', 'collection_coverage') }}
        where complete
),
stretch as (
    -- Before each complete stretch, from the end of the one before.
    select review_month, collection_key,
        coalesce({{ add_days('lag(valid_to) over (partition by review_month, collection_key order by valid_from)',
            1) }}, cast('1900-01-01' as date)) as open_from,
        {{ add_days('valid_from', -1) }} as open_to
    from whole
    union all
    -- After the last one.
    select review_month, collection_key, {{ add_days('max(valid_to)', 1) }}, cast('9999-12-31' as date)
    from whole
    group by review_month, collection_key
    having max(valid_to) < cast('9999-12-31' as date)
    union all
    select c.review_month, c.collection_key, cast('1900-01-01' as date), cast('9999-12-31' as date)
    from {{ ref('int_collection') }} as c
    where not exists (select 1 from whole as w where w.review_month = c.review_month
        and w.collection_key = c.collection_key)
)
select review_month, collection_key, open_from, open_to from stretch where open_from <= open_to
