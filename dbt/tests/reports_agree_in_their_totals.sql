{#
  Whatever a report is by, what is withheld stays in it: all of them add up to the same. Of days that are whole, as grains
  that were asked for at different times may differ until then. Spend to the cent, as a rate leaves each row rounded.
#}
{% set reports = ['account', 'campaign', 'ad_group', 'ad'] %}
with totals as (
    {%- for report in reports %}
    select
        date_day, platform, account_id,
        coalesce(sum(impressions), 0) as impressions, coalesce(sum(clicks), 0) as clicks,
        coalesce(sum(spend), 0) as spend
    from {{ ref('traffic_events__' ~ report ~ '_report') }}
    group by date_day, platform, account_id
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
), whole_days as (
    select date_day, platform, account_id
    from {{ ref('traffic_events__campaign_daily') }}
    group by date_day, platform, account_id
    having min(case when is_whole then 1 else 0 end) = 1
)

select totals.date_day, totals.platform, totals.account_id
from totals
inner join whole_days
    on whole_days.date_day = totals.date_day
    and whole_days.platform = totals.platform
    and whole_days.account_id = totals.account_id
group by totals.date_day, totals.platform, totals.account_id
having
    min(impressions) <> max(impressions)
    or min(clicks) <> max(clicks)
    or max(spend) - min(spend) >= 0.01
    or (count(*) < {{ reports | length }} and max(impressions) > 0)
