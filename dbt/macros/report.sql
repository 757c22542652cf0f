{# A report of dbt_ad_reporting: the rows of staging models of each kind, by date, account and these columns. #}
{% macro traffic_events_report(suffix, columns) %}
with events as (
    {{- traffic_events_union(suffix) }}
)

select
    source_relation,
    date_day,
    platform,
    {{- traffic_events_account() }},
    {%- for column in columns %}
    {{ column }},
    {%- endfor %}
    {{- traffic_events_report_metrics() }}
from events
group by {{ (['source_relation', 'date_day', 'platform', 'account_id'] + columns) | join(', ') }}
{% endmacro %}

{#
  The metrics of a report, in the order of dbt_ad_reporting's. Amazon's traffic events know no conversions:
  NULL, and not 0, which would say that there were none.
#}
{% macro traffic_events_report_metrics() %}
    sum(clicks) as clicks,
    sum(impressions) as impressions,
    sum(spend) as spend,
    cast(null as {{ dbt.type_numeric() }}) as conversions,
    cast(null as {{ dbt.type_numeric() }}) as conversions_value
{% endmacro %}

{# The events tell no name of an account: its key is what people know it by. #}
{% macro traffic_events_account() %}
    account_id,
    account_id as account_name
{%- endmacro %}
