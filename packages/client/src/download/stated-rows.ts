import { asObject, parseJson } from '../text/json.ts';

/** Where metadata may stand inside a JSON answer. */
const WRAPPERS = ['workflowExecution', 'metadata', 'result', 'output', 'statistics'];
/** `rowCount`, `total_rows`, `numberOfRecords`: no public page names the key. */
const ROWS_KEY =
  /^(?:total|num|number|numberof|output|result)*(?:row|record)s?(?:count|total|written|returned)?$/;
const MAX_DIGITS = 15;

/** The number of rows that a metadata file states; undefined where it states none, or several. */
export function statedRows(text: string): number | undefined {
  const metadata = asObject(parseJson(text));
  if (metadata === undefined) return undefined;
  const places = [metadata, ...WRAPPERS.map((key) => asObject(metadata[key]) ?? {})];
  const counts = new Set(places.flatMap((place) => countsIn(place)));
  const [count] = counts;
  return counts.size === 1 ? count : undefined;
}

function countsIn(fields: Readonly<Record<string, unknown>>): number[] {
  return Object.entries(fields).flatMap(([key, value]) => {
    const isRows = ROWS_KEY.test(key.toLowerCase().replaceAll(/[^a-z]/g, ''));
    const digits = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
    return isRows && /^\d+$/.test(digits) && digits.length <= MAX_DIGITS ? [Number(digits)] : [];
  });
}
