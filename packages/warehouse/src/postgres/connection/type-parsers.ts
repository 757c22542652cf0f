import pg from 'pg';

/** How values are read: a date stays text, because a JavaScript Date would move it by a zone. */
export function typeParsers(): pg.CustomTypesConfig {
  const overrides = new pg.TypeOverrides();
  overrides.setTypeParser(pg.types.builtins.DATE, (value) => value);
  return overrides;
}
