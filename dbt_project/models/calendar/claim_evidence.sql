-- Grain: (review_month, line of the claims, kind, file and row): the rows of the files behind the answers of
-- claim_answers, and how each may leave the house: share (the vendor's own records, and licences), limit (the company's
-- records of persons and devices, of this line alone), withhold (what speaks for a line that is not accepted).
select
    e.review_month, c.claim_id, cast(c.place as bigint) as place, e.side, e.kind, e.input, f.drop, f.path,
    cast(e.src % 10000000000 as bigint) as row_number, f.sha256, e.person_key, e.day, e.covered_by,
    case
        when e.side = 'for' and a.answer <> 'accepted' then 'withhold'
        when e.side = 'for' or e.input not in ('subscriptions', 'users', 'usage_report', 'token_usage',
            'perpetual_licences') then 'limit'
        else 'share'
    end as marking
from {{ ref('int_claim_evidence') }} as e
inner join {{ ref('int_claim') }} as c on c.review_month = e.review_month and c.claim_src = e.claim_src
inner join {{ ref('claim_answers') }} as a on a.review_month = c.review_month and a.claim_id = c.claim_id
    and a.place = c.place
inner join {{ source('raw', 'file_register') }} as f on f._file_no = cast(floor(e.src / 10000000000) as integer)
