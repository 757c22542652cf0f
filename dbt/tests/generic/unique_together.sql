{% test unique_together(model, columns) %}
{# Rows that agree in all of the columns; NULL agrees with NULL. #}
select {{ columns | join(', ') }}, count(*) as rows_alike
  from {{ model }}
 group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
