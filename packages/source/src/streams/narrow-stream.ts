import { StreamConfigError } from '../errors.ts';
import type { StreamDefinition } from './stream.ts';
import { recordKey } from './stream-schema.ts';
import { aggregateStream } from './aggregate-stream.ts';

/**
 * The stream with the selected columns only. A dimension that is not selected is left out of the
 * query too: rows are then summed over it, and fewer of them are suppressed.
 */
export function narrowStream(
  stream: StreamDefinition,
  selected: ReadonlySet<string>,
): StreamDefinition {
  const own = stream.columns.filter(({ role }) => role !== 'discriminator');
  const kept = own.filter((column) => selected.has(recordKey(column))).map(({ name }) => name);
  if (kept.length === own.length) return stream;
  const { aggregate, name, description, refresh, isDefault } = stream;
  if (aggregate === undefined) {
    throw new StreamConfigError(
      `Stream ${name} is not built from columns, so that none can be left out: select all of them, or change its SQL.`,
    );
  }
  const isKept = (column: string) => kept.includes(column);
  const metrics = aggregate.metrics.filter(isKept);
  if (metrics.length === 0) {
    throw new StreamConfigError(
      `Stream ${name} has no metric selected: select one of ${aggregate.metrics.join(', ')}, or leave out the stream.`,
    );
  }
  const dimensions = aggregate.dimensions.filter(isKept);
  const narrow = aggregateStream({
    name,
    description,
    aggregate: { ...aggregate, dimensions, metrics },
    refresh,
    isDefault,
  });
  // Types may have been overridden: the columns themselves are kept.
  const columns = stream.columns.filter(
    (column) => column.role === 'discriminator' || isKept(column.name),
  );
  return { ...narrow, columns };
}
