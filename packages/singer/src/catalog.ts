import { z } from 'zod';
import { MalformedInputError } from './errors.ts';
import type { JsonSchema } from './message.ts';
import { ownValue } from './own-value.ts';

/** What `--discover` says of a stream. */
export interface DiscoveredStream {
  readonly stream: string;
  readonly schema: JsonSchema;
  readonly keyProperties: readonly string[];
  readonly replicationMethod: 'INCREMENTAL' | 'FULL_TABLE' | 'LOG_BASED';
  readonly validReplicationKeys?: readonly string[];
  /** Properties that cannot be left out. Key properties never can. */
  readonly automaticProperties?: readonly string[];
  readonly selectedByDefault?: boolean;
  /** `automatic` for a stream that cannot be left out. */
  readonly inclusion?: 'available' | 'automatic';
}

const metadataSchema = z.object({
  breadcrumb: z.array(z.string()),
  metadata: z.looseObject({
    inclusion: z.enum(['automatic', 'available', 'unsupported']).nullish(),
    selected: z.boolean().nullish(),
    'selected-by-default': z.boolean().nullish(),
  }),
});

const catalogSchema = z.object({
  streams: z.array(
    z.looseObject({
      tap_stream_id: z.string(),
      stream: z.string().nullish(),
      selected: z.boolean().nullish(),
      schema: z.looseObject({ properties: z.record(z.string(), z.unknown()).nullish() }).nullish(),
      key_properties: z.array(z.string()).nullish(),
      metadata: z.array(metadataSchema).nullish(),
    }),
  ),
});

/** A catalog as taps print it and read it back. */
export type Catalog = z.infer<typeof catalogSchema>;
type CatalogEntry = Catalog['streams'][number];

/** Selected properties of a selected stream. */
export interface StreamSelection {
  readonly stream: string;
  readonly properties: ReadonlySet<string>;
}

/** The catalog of `streams`, with metadata as Meltano reads it. */
export function discoverCatalog(streams: readonly DiscoveredStream[]): Catalog {
  return { streams: streams.map(catalogEntry) };
}

function catalogEntry(stream: DiscoveredStream): CatalogEntry {
  const automatic = new Set([...stream.keyProperties, ...(stream.automaticProperties ?? [])]);
  return {
    tap_stream_id: stream.stream,
    stream: stream.stream,
    schema: { ...stream.schema },
    key_properties: [...stream.keyProperties],
    replication_method: stream.replicationMethod,
    metadata: [
      {
        breadcrumb: [],
        metadata: {
          inclusion: stream.inclusion ?? 'available',
          'selected-by-default': stream.selectedByDefault ?? true,
          'table-key-properties': [...stream.keyProperties],
          'forced-replication-method': stream.replicationMethod,
          'valid-replication-keys': [...(stream.validReplicationKeys ?? [])],
        },
      },
      ...propertiesOf(stream.schema).map((name) => ({
        breadcrumb: ['properties', name],
        metadata: {
          inclusion: automatic.has(name) ? ('automatic' as const) : ('available' as const),
          'selected-by-default': true,
        },
      })),
    ],
  };
}

/** A catalog from a file. Unknown keys are left alone; `source` names the file in errors. */
export function parseCatalog(value: unknown, source: string): Catalog {
  const parsed = catalogSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new MalformedInputError(
    `${source} is not a Singer catalog: ${z.prettifyError(parsed.error)} Make one with --discover.`,
    parsed.error,
  );
}

/**
 * The selected streams and properties of `catalog`: `selected` wins over `selected-by-default`,
 * `automatic` properties are always in, `unsupported` ones never.
 */
export function selectStreams(catalog: Catalog): StreamSelection[] {
  return catalog.streams.filter(isStreamSelected).map((entry) => ({
    stream: entry.tap_stream_id,
    properties: new Set(
      propertiesOf(entry.schema ?? {}).filter((name) => isPropertySelected(entry, name)),
    ),
  }));
}

function isStreamSelected(entry: CatalogEntry): boolean {
  const metadata = metadataOf(entry, []);
  if (metadata?.inclusion === 'automatic') return true;
  return (
    metadata?.selected ??
    entry.selected ??
    legacySelected(entry.schema) ??
    metadata?.['selected-by-default'] ??
    true
  );
}

function isPropertySelected(entry: CatalogEntry, name: string): boolean {
  const metadata = metadataOf(entry, ['properties', name]);
  if (metadata?.inclusion === 'automatic') return true;
  if (metadata?.inclusion === 'unsupported') return false;
  const property = ownValue(entry.schema?.properties ?? {}, name);
  return (
    metadata?.selected ?? legacySelected(property) ?? metadata?.['selected-by-default'] ?? true
  );
}

function metadataOf(entry: CatalogEntry, breadcrumb: readonly string[]) {
  const wanted = JSON.stringify(breadcrumb);
  return entry.metadata?.find((item) => JSON.stringify(item.breadcrumb) === wanted)?.metadata;
}

/** Before metadata there was a `selected` inside the schema; some tools still write it. */
function legacySelected(schema: unknown): boolean | undefined {
  if (typeof schema !== 'object' || schema === null || !('selected' in schema)) return undefined;
  return typeof schema.selected === 'boolean' ? schema.selected : undefined;
}

function propertiesOf(schema: JsonSchema): string[] {
  const properties = schema['properties'];
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}
