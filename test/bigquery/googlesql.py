"""Asks GoogleSQL itself: parses scripts and runs queries on Google's reference implementation.

Reads {"cache": folder, "scripts": [[name, text]], "queries": [[name, text]]}, where a query answers
one column of JSON; writes {"faults": [[name, message]], "rows": {name: [row]}}.
"""

import json
import os
import sys

import wasmtime

asked = json.load(sys.stdin)


def cached_engine(config, make=wasmtime.Engine):
    """Compiling the implementation takes most of a minute, so that is done once."""
    settings = os.path.join(asked["cache"], "cache.toml")
    with open(settings, "w") as file:
        file.write("[cache]\ndirectory = " + json.dumps(os.path.join(asked["cache"], "compiled")) + "\n")
    config.cache = settings
    return make(config)


wasmtime.Engine = cached_engine

from zetasql.api import CatalogBuilder, Parser, PreparedQuery  # noqa: E402
from zetasql.types import (  # noqa: E402
    AnalyzerOptions,
    LanguageOptions,
    ZetaSQLBuiltinFunctionOptions,
)

language = LanguageOptions.maximum_features()
functions = ZetaSQLBuiltinFunctionOptions(language_options=language)
catalog = CatalogBuilder("bigquery").with_builtin_functions(functions).build()
options = AnalyzerOptions(language_options=language)


parser = Parser(language)


def run(text):
    prepared = (
        PreparedQuery.builder()
        .set_sql(text)
        .set_analyzer_options(options)
        .set_catalog(catalog)
        .prepare()
    )
    with prepared as query:
        return [json.loads(row.cell[0].string_value) for row in query.execute().content.table_data.row]


faults, rows = [], {}
for name, text in asked["scripts"]:
    try:
        parser.parse_script(text)
    except Exception as error:
        faults.append([name, str(error)])
for name, text in asked["queries"]:
    try:
        rows[name] = run(text)
    except Exception as error:
        faults.append([name, str(error)])
print(json.dumps({"faults": faults, "rows": rows}))
