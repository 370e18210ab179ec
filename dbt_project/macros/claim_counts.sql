{# What the evidence of a claimed line counts to: columns over the rows of int_claim_evidence (e) of one line, which is
   the group. Reasons are `claim_because`, words `claim_words`. #}
{% macro claim_counts() -%}
    count(distinct case when e.kind = 'use' then e.day end) as use_days,
    count(distinct case when e.kind = 'use' and e.covered_by is null and e.is_right_known and e.are_seats_known
        then e.day end) as bare_days,
    count(*) filter (where e.kind = 'use' and e.covered_by is null and not e.is_right_known) as doubtful_rows,
    count(*) filter (where e.kind = 'use' and e.covered_by is null and not e.are_seats_known) as unseen_rows,
    min(case when e.kind = 'use' and e.covered_by is null and e.is_right_known and e.are_seats_known
        then e.day end) as first_bare_day,
    max(case when e.kind = 'use' and e.covered_by is null and e.is_right_known and e.are_seats_known
        then e.day end) as last_bare_day,
    count(*) filter (where e.kind = 'use' and e.covered_by = 'perpetual') as perpetual_use,
    nullif({{ distinct_text("case when e.kind = 'tokens' then 'tokens' when e.kind = 'use' then case e.covered_by
        when 'seat' then 'a seat' when 'own_cover' then 'licences that a contractor brings' when 'network'
        then 'a check-out from the licence server' when 'perpetual' then 'a perpetual licence'
        else e.covered_by end end", ' or ') }}, '') as covered,
    count(distinct case when e.kind in ('use', 'tokens') then e.day end) as any_days,
    count(*) filter (where e.kind = 'install') as installs,
    count(case when e.kind = 'install' then e.person_key end) as install_persons,
    count(*) filter (where e.kind = 'install' and not e.is_right_known) as doubtful_installs,
    count(*) filter (where e.kind = 'other_release') as other_releases,
    max(case when e.kind = 'other_release' then e.release end) as other_release,
    count(*) filter (where e.kind = 'seat') as seat_rows,
    count(*) filter (where e.kind = 'tokens') as token_rows,
    count(*) filter (where e.kind = 'own_cover') as own_rows,
    count(*) filter (where e.kind = 'network') as network_rows,
    count(*) filter (where e.kind = 'perpetual') as perpetual_rows,
    coalesce({{ count_sum("case when e.kind = 'perpetual' then e.seats end") }}, 0) as perpetual_seats,
    count(*) filter (where e.side = 'for') as rows_for,
    count(*) filter (where e.side = 'against') as rows_against
{%- endmacro %}
