{{ config(enabled=var('traffic_events_dsp')) }}

{# Impressions and clicks of an ad are rows of two tables: laid one below the other, never joined. #}
with events as (
    select
        account_id, event_date, campaign_id, campaign, line_item_id, line_item, creative_id, creative,
        impressions, 0 as clicks, total_cost
    from {{ source('traffic_events', 'dsp_impressions') }}
    where {{ traffic_events_dates() }}
    union all
    select
        account_id, event_date, campaign_id, campaign, line_item_id, line_item, creative_id, creative,
        0 as impressions, clicks, 0 as total_cost
    from {{ source('traffic_events', 'dsp_clicks') }}
    where {{ traffic_events_dates() }}
)

select
    {{- traffic_events_keys('amazon_dsp') }},
    events.account_id,
    cast(campaign_id as {{ dbt.type_string() }}) as campaign_id,
    campaign as campaign_name,
    cast(line_item_id as {{ dbt.type_string() }}) as ad_group_id,
    line_item as ad_group_name,
    cast(creative_id as {{ dbt.type_string() }}) as ad_id,
    creative as ad_name,
    {{ traffic_events_number('clicks') }} as clicks,
    {{ traffic_events_number('impressions') }} as impressions,
    {% if var('traffic_events_spend') == 'reporting' -%}
    {{ traffic_events_number('case when currencies.currency = currencies.reporting_currency then 1 else rates.rate end * total_cost / 100000') }} as spend
    {%- else -%}
    {{ traffic_events_number('case when currencies.currency is not null then 1.0 * total_cost / 100000 end') }} as spend
    {%- endif %}
from events
left join {{ source('traffic_events', 'account_currencies') }} as currencies
    on currencies.account_id = events.account_id
{%- if var('traffic_events_spend') == 'reporting' %}
left join {{ source('traffic_events', 'exchange_rates') }} as rates
    on rates.rate_date = events.event_date
    and rates.from_currency = currencies.currency
    and rates.to_currency = currencies.reporting_currency
{%- endif %}
