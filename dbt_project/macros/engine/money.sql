{# Money: exact, rounded once to two decimals, half away from zero. docs/decisions/0024 has the proofs;
   tests/dbt/test_amounts_of_any_size.py holds each macro against fractions.
   No expression here ends a query: what has too many digits is null. Its size is asked first, in floating point, in
   a `case`: DuckDB takes what several expressions have in common out of
   a TRY, but not out of a case. An `amount` is an expression that cannot overflow, or a list of such, which are
   multiplied. #}

{# The factors as one product, and its size. #}
{% macro product(amount) -%}{%- if amount is string -%}{{ amount }}{%-
    else -%}({{ amount | join(') * (') }}){%- endif -%}{%- endmacro %}
{% macro size(amount) -%}
{%- set factors = [amount] if amount is string else amount -%}
abs(cast({{ factors | join(' as double) * cast(') }} as double))
{%- endmacro %}

{# The expression where all sizes are below the limit (written as a floating point number a little below what the
   types hold), else null. #}
{% macro where_below(limit, sizes, expression) -%}case
    when {{ sizes | join(' < ' ~ limit ~ ' and ') }} < {{ limit }} then {{ expression }} end{%- endmacro %}

{# A decimal without its point, at so many places: 1.5 at 12 places is 1500000000000. By its text: a product with a
   power of ten would be limited to 38 digits on the way. #}
{% macro units(amount, places) -%}{{ return(adapter.dispatch('units', 'selfaudit')(amount, places)) }}{%- endmacro %}

{# Whole numbers of up to 38 digits, and the whole quotient of two that are not negative. #}
{% macro whole(expression) -%}{{ return(adapter.dispatch('whole', 'selfaudit')(expression)) }}{%- endmacro %}

{% macro quotient(number, divisor) -%}{{ return(adapter.dispatch('quotient', 'selfaudit')(number,
    divisor)) }}{%- endmacro %}

{# Whole cents, fewer than 10^36, as money. #}
{% macro money_of_cents(cents) -%}cast(cast({{ cents }} as {{ whole_type() }}) * cast(0.01 as decimal(3,2)) as
    {{ money_type() }}){%- endmacro %}

{# |amount x rate| at 12 places, what lies beyond cut off. amount: at most 12 places; rate: at most 18. The rate is
   split at its point, the amount at its 19th digit from the right, so
   that no partial product has more than 38 digits unless the whole has. #}
{% macro product_units(amount, rate) -%}
{%- if rate | string == '1' -%}
abs({{ units(amount, 12) }})
{%- else -%}
{%- set a = 'abs(' ~ units(amount, 12) ~ ')' -%}
{%- set r = 'abs(' ~ units(rate, 18) ~ ')' -%}
{%- set e18, e19 = whole('1000000000000000000'), whole('10000000000000000000') -%}
({{ a }} * {{ quotient(r, e18) }} + 10 * {{ quotient(a, e19) }} * ({{ r }} % {{ e18 }})
    + {{ quotient('(' ~ a ~ ' % ' ~ e19 ~ ') * (' ~ r ~ ' % ' ~ e18 ~ ')', e18) }})
{%- endif -%}
{%- endmacro %}

{% macro product_sign(amount, rate) -%}{% if rate | string == '1' %}cast(sign({{ amount }}) as integer){%
    else %}cast(sign({{ amount }}) * sign({{ rate }}) as integer){% endif %}{%- endmacro %}

{# Whether the amount, and with the rate, is of a size that these hold. #}
{% macro fits(amount, rate) -%}{{ size(amount) }} < 9.9e25{% if rate | string != '1' %}
    and {{ size(amount) }} * {{ size(rate | string) }} < 9.9e25{% endif %}{%- endmacro %}

{# amount x rate / denominator as money, exactly: the amount is not rounded before. amount: at most 12 places; rate:
   decimal with at most 18 places; denominator: positive
   integer, null or 0 gives null. Digits after the twelfth cannot move a half. Null from 10^26 on. #}
{% macro money_ratio(amount, rate, denominator) -%}
{%- set a = product(amount) -%}
case when {{ fits(amount, rate) }} then {{ money_of_cents(product_sign(a, rate) ~ ' * '
    ~ quotient(product_units(a, rate) ~ ' + 5000000000 * ' ~ whole(denominator), '10000000000 * '
    ~ whole(denominator))) }} end
{%- endmacro %}

{# An amount in another currency, to be added or compared: at 12 places, what lies beyond cut off. Null from 10^26
   on. #}
{% macro converted(amount, rate) -%}
{%- set a = product(amount) -%}
case when {{ fits(amount, rate) }} then cast({{ product_sign(a, rate) }} * cast({{ product_units(a,
    rate) }} as {{ whole_type() }}) * cast(0.000000000001 as decimal(13,12)) as {{ exact_type() }}) end
{%- endmacro %}

{# An amount of at most 12 places before it is rounded; null from 10^26 on. #}
{% macro exact(amount) -%}{{ where_below('9.9e25', [size(amount)], 'cast(' ~ product(amount) ~ ' as ' ~ exact_type()
    ~ ')') }}{%- endmacro %}
{% macro exact_difference(amount, less) -%}{{ where_below('4.9e25', [size(amount), size(less)], 'cast('
    ~ product(amount) ~ ' - ' ~ product(less) ~ ' as ' ~ exact_type() ~ ')') }}{%- endmacro %}

{# The same as a part of a sum: null from 10^20 on, so that a million parts can be added. The sum must be null where
   a part is. #}
{% macro addend(amount) -%}{{ where_below('9.9e19', [size(amount)], 'cast(' ~ product(amount) ~ ' as ' ~ exact_type()
    ~ ')') }}{%- endmacro %}

{# An amount of at most 12 places as money; null from 10^26 on. #}
{% macro money(amount) -%}{{ where_below('9.9e25', [size(amount)], 'cast(round(' ~ product(amount) ~ ', 2) as '
    ~ money_type() ~ ')') }}{%- endmacro %}

{# quantity x price as money. quantity: at most 4 places; price: at most 6 places, below 10^15. Unlike `money` of the
   two it holds for all that can arrive. #}
{% macro money_product(quantity, price) -%}
{%- set q, p, e8 = 'abs(' ~ units(quantity, 4) ~ ')', 'abs(' ~ units(price, 6) ~ ')', whole('100000000') -%}
{%- set cents = 'cast(sign(' ~ quantity ~ ') * sign(' ~ price ~ ') as integer) * (' ~ q ~ ' * ' ~ quotient(p, e8)
    ~ ' + ' ~ quotient(q ~ ' * (' ~ p ~ ' % ' ~ e8 ~ ') + 50000000', e8) ~ ')' -%}
case when {{ size(quantity) }} < 9.9e25 and {{ size([quantity, price]) }} < 9.9e35 then {{ money_of_cents(cents) }} end
{%- endmacro %}

{# A part of an amount of money: amount x part / of, rounded once. part, of: whole numbers of at most 10^6, of positive.
   It holds for every amount that is shown: where one is, so is its part. #}
{% macro money_share(amount, part, of) -%}
{%- set c, p, o = 'abs(' ~ units(amount, 2) ~ ')', whole(part), whole(of) -%}
{{ money_of_cents('cast(sign(' ~ amount ~ ') as integer) * ' ~ quotient('2 * ' ~ c ~ ' * ' ~ p ~ ' + ' ~ o,
    '2 * ' ~ o)) }}
{%- endmacro %}

{# Whether an amount is less, or more, than a product: by decimals, or where these have too many digits, by floating
   point numbers. At most 12 and 18 places. #}
{% macro less_than_product(amount, factors) -%}{{ compared_with_product(amount, '<', factors) }}{%- endmacro %}
{% macro more_than_product(amount, factors) -%}{{ compared_with_product(amount, '>', factors) }}{%- endmacro %}
{% macro compared_with_product(amount, operator, factors) -%}
(case when {{ size(amount) }} < 9.9e19
    and {{ size(factors) }} < 9.9e19 then {{ amount }} {{ operator }} {{ product(factors) }}
    else cast({{ amount }} as double) {{ operator }} {{ 'cast(' ~ factors | join(' as double) * cast(')
        ~ ' as double)' }} end)
{%- endmacro %}

{# floor(amount x numerator / denominator) as a whole number, exactly; amounts have at most 4 places and are not
   negative; null where the denominator is 0. #}
{% macro floor_div(amount, numerator, denominator) -%}
{{ where_below('9.9e33', [size([amount, numerator | string]), size(denominator | string)],
    quotient(units(amount, 4) ~ ' * ' ~ whole(numerator), units(denominator, 4))) }}
{%- endmacro %}

{# amount / denominator at 8 places, rounded half up. amount: at most 4 places, not negative; denominator: positive
   integer. #}
{% macro divided(amount, denominator) -%}
{{ where_below('9.9e28', [size(amount)], 'cast(cast(' ~ quotient('2 * 10000 * ' ~ units(amount, 4) ~ ' + '
    ~ whole(denominator), '2 * ' ~ whole(denominator)) ~ ' as ' ~ whole_type()
    ~ ') * cast(0.00000001 as decimal(9,8)) as decimal(38,8))') }}
{%- endmacro %}

{# amount / quantity as a price at 6 places, rounded half up; null where one of them is negative or too large.
   amount: at most 12 places; quantity: at most 4. #}
{% macro mean_price(amount, quantity) -%}
case when {{ amount }} >= 0 and {{ quantity }} > 0 and {{ size(amount) }} < 9.9e24 and {{ size(quantity) }} < 9.9e28
    and {{ size(amount) }} < 9.9e14 * {{ size(quantity) }}
    then cast(cast({{ quotient(units(amount, 12) ~ ' + 50 * ' ~ units(quantity, 4), '100 * '
        ~ units(quantity, 4)) }} as {{ whole_type() }}) * cast(0.000001 as decimal(7,6)) as {{ price_type() }}) end
{%- endmacro %}

{# floor(number x weight / weight_all) for whole numbers that are not negative, weight <= weight_all < 10^19; null
   where weight_all is 0. Divided before it is multiplied, so that
   nothing on the way is larger than the number or than weight_all squared. #}
{% macro whole_share(number, weight, weight_all) -%}
({{ quotient(whole(number), whole(weight_all)) }} * {{ whole(weight) }}
    + {{ quotient('(' ~ whole(number) ~ ' % nullif(' ~ whole(weight_all) ~ ', 0)) * ' ~ whole(weight),
    whole(weight_all)) }})
{%- endmacro %}

{# What whole_share cuts off, in parts of weight_all. #}
{% macro whole_share_rest(number, weight, weight_all) -%}
((({{ whole(number) }} % nullif({{ whole(weight_all) }}, 0)) * {{ whole(weight) }}) % nullif({{ whole(weight_all) }},
    0))
{%- endmacro %}

{# A number as a count, whole; one above 9 x 10^18 stands for all that is larger. Null stays null, which `least`
   would pass over. #}
{% macro as_count(number) -%}cast({{ number }} - greatest(0,
    {{ number }} - 9000000000000000000) as bigint){%- endmacro %}
{% macro count_sum(expression, over='') -%}{{ as_count('sum(' ~ expression ~ ')'
    ~ (' ' ~ over if over else '')) }}{%- endmacro %}

{# Days of use a year from which a seat costs less than tokens: a figure for people, floating point. days: those with
   use, on which `tokens` would have been charged. #}
{% macro break_even_days(seat_price, seat_rate, tokens, token_price, token_rate, days) -%}
(cast({{ seat_price }} as double) * cast({{ seat_rate }} as double) * {{ days
    }} / nullif(cast({{ tokens }} as double) * cast({{ token_price }} as double) * cast({{ token_rate }} as double), 0))
{%- endmacro %}
