{# Texts, hashes and patterns on Spark; `../texts.sql` says what each macro means. #}

{% macro spark__fold(expression) -%}trim(both '_' from regexp_replace({{ lower_case(expression) }}, '[^a-z0-9]+',
    '_')){%- endmacro %}

{# Spark's `lower` makes two characters of one (the dotted capital I) and looks at neighbours (the sigma). #}
{% macro spark__lower_case(expression) -%}lower(translate({{ expression }}, 'İΣ', 'iσ')){%- endmacro %}

{# Spark's `upper` makes several letters of some: these stay as they are, but for the sharp s, which has a capital. #}
{% macro spark__upper_case(expression) -%}array_join(transform(split({{ expression }}, ''),
    x -> case when x = 'ß' then 'ẞ' when length(upper(x)) = 1 then upper(x) else x end), ''){%- endmacro %}

{# Spark's `trim` knows one kind of space. #}
{% macro spark__trimmed(expression) -%}trim(both
    ' \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000'
    from {{ expression }}){%- endmacro %}

{% macro spark__whole_of_text(expression) -%}
    cast(round(cast({{ expression }} as decimal(38,9))) as bigint){%- endmacro %}

{% macro spark__sha256_hex(expression) -%}sha2({{ expression }}, 256){%- endmacro %}

{% macro spark__matches(expression, pattern) -%}({{ expression }} rlike '{{ pattern }}'){%- endmacro %}

{% macro spark__plain_number(expression) -%}regexp_replace(cast(cast({{ expression }} as decimal(38,2)) as string),
    '[.]?0+$', ''){%- endmacro %}

{% macro spark__not_materialized() -%}{%- endmacro %}

{% macro spark__without_padding(numbers) -%}regexp_replace({{ numbers }}, '(^|,)0+', '$1'){%- endmacro %}
