import { Rejection } from './rejection.ts';
import { walkTree } from './syntax-tree.ts';
import type { QueryNode } from './syntax-tree.ts';

/** Functions of the service (API.md 4) that run here. */
const SUPPORTED = new Set([
  ...words('charindex concat format instr left length locate lower ltrim position regexp_replace'),
  ...words('regexp_substr regexp_split replace right rtrim strpos substring trim upper'),
  ...words('abs ceil e exp floor ln log log10 power random round sqrt trunc'),
  ...words('avg count min max sum stddev stddev_pop stddev_samp variance var_pop var_samp'),
  ...words('skewness percentile approx_percentile median collect approx_count_distinct'),
  ...words('convert_time_zone_from_utc date_trunc dayofmonth dayofweek epoch_to_utc_timestamp'),
  ...words('hour minute month second week year seconds_between current_date current_timestamp'),
  ...words('ifnull nvl nvl2 array_cat array_contains array_complement array_distinct'),
  ...words('array_intersect array_remove array_sort array_to_string array_union cardinality'),
  ...words('flatten dense_rank rank row_number greatest least hash64 md5 sha1 json_extract'),
  ...words('json_serialize contained_in uuid built_in_parameter custom_parameter'),
  'extend_time_window',
]);

/** Names under which DuckDB's parser hands on operators and special forms of SQL. */
const SYNTAX = new Set([
  ...words('+ - * / % ^ ** ~~ !~~ like_escape not_like_escape regexp_full_match'),
  ...words('count_star date_part substr char_length character_length list_value row'),
  ...words('array_extract struct_extract ceiling pow'),
]);

/** Functions of the service that do not run here yet. */
const NOT_BUILT = new Set(
  words('str_to_map explode from_varbinary to_varbinary named_row compute_hash'),
);

/** The query needs something that the service has and the simulator has not. */
export class NotBuiltError extends Error {
  override readonly name = 'NotBuiltError' as const;
}

/** Throws Rejection for a function that the service does not have, NotBuiltError for a missing one. */
export function checkFunctions(node: QueryNode): void {
  for (const part of walkTree(node)) {
    if (!('function_name' in part)) continue;
    const name = String(part['function_name']).toLowerCase();
    if (name === '||') throw new Rejection('Unsupported scalar operation type ||');
    if (NOT_BUILT.has(name)) {
      throw new NotBuiltError(`The simulator does not run ${name.toUpperCase()} yet`);
    }
    if (!SUPPORTED.has(name) && !SYNTAX.has(name)) {
      throw new Rejection(`Function ${name.toUpperCase()} is not supported`);
    }
  }
}

function words(text: string): string[] {
  return text.split(' ');
}
