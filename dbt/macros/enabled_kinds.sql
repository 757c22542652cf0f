{# Kinds of account that are collected, each with the platform that reports call it. #}
{% macro traffic_events_kinds() %}
  {% set kinds = [] %}
  {% if var('traffic_events_dsp') %}{% do kinds.append('dsp') %}{% endif %}
  {% if var('traffic_events_sponsored_ads') %}{% do kinds.append('sponsored_ads') %}{% endif %}
  {% if kinds | length == 0 %}
    {{ exceptions.raise_compiler_error('traffic_events_dsp and traffic_events_sponsored_ads are both false: nothing is left to report') }}
  {% endif %}
  {{ return(kinds) }}
{% endmacro %}

{# The rows of a staging model of each kind, one below the other. #}
{% macro traffic_events_union(suffix) %}
  {%- for kind in traffic_events_kinds() %}
    select * from {{ ref('stg_traffic_events__' ~ kind ~ suffix) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
  {%- endfor %}
{% endmacro %}

{# Where rows come from, as dbt_ad_reporting tells its connections apart. #}
{% macro traffic_events_relation() -%}
  cast('{{ var("traffic_events_database", target.database) }}.{{ var("traffic_events_schema") }}' as {{ dbt.type_string() }})
{%- endmacro %}

{% macro traffic_events_spend_column() %}
  {% set choice = var('traffic_events_spend') %}
  {% if choice == 'account' %}{{ return('total_cost_in_currency') }}{% endif %}
  {% if choice == 'reporting' %}{{ return('total_cost_in_reporting_currency') }}{% endif %}
  {{ exceptions.raise_compiler_error("traffic_events_spend: expected account or reporting, got '" ~ choice ~ "'") }}
{% endmacro %}

{# The columns that every staging model begins with. #}
{% macro traffic_events_keys(platform) %}
    {{ traffic_events_relation() }} as source_relation,
    event_date as date_day,
    cast('{{ platform }}' as {{ dbt.type_string() }}) as platform
{%- endmacro %}

{# The columns of a daily view that are alike for every kind. #}
{% macro traffic_events_daily_metrics() %}
    {{ traffic_events_number('viewable_impressions') }} as viewable_impressions,
    {{ traffic_events_number('invalid_impressions') }} as invalid_impressions,
    {{ traffic_events_number('invalid_clicks') }} as invalid_clicks,
    click_through_rate,
    click_through_rate_low,
    click_through_rate_high
{%- endmacro %}

{% macro traffic_events_dates() -%}
  event_date >= cast('{{ var("traffic_events_start_date") }}' as date)
{%- endmacro %}

{# A sum that is NULL only where nothing is known. Of exact numbers, so that unions agree in their types. #}
{% macro traffic_events_number(value) -%}
  cast({{ value }} as {{ dbt.type_numeric() }})
{%- endmacro %}
