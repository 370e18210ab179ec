{# What is done in rounds, each of which looks at all rows of the one before: what differs between engines. Spark knows
   no window in a recursion and folds lists instead. Each macro is the query of a CTE `step` of one model, which names
   the CTEs that it reads. #}

{# int_flex_ledger: reads `demand` (review_month, team_alias, day, wanted) and `pack` (place, tokens, start_date,
   end_date). Columns review_month, team_alias, place, day, taken, remaining; place 0 is the demand itself. #}
{% macro taken_in_rounds() -%}{{ return(adapter.dispatch('taken_in_rounds', 'selfaudit')()) }}{%- endmacro %}

{# use_10_give_seat: reads `team`, `seat` and `receiver`. Columns review_month, offering_key, receiver_place,
   team_alias, taken, gave: how many seats a team has given up to a receiver, and whether one to this receiver. Rows of
   teams that gave none need not be there. #}
{% macro gifts_in_rounds() -%}{{ return(adapter.dispatch('gifts_in_rounds', 'selfaudit')()) }}{%- endmacro %}
