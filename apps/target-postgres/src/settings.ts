import type { SettingDefinitions, SettingValues } from '@traffic-events/singer';
import { COMMON_SETTINGS } from '@traffic-events/warehouse/target';

/** Named as MeltanoLabs' target-postgres names them where it has the same. */
export const SETTINGS = {
  url: {
    kind: 'string',
    secret: true,
    description:
      'postgresql://user:password@host:port/database, with the parameters of libpq behind a ?. The settings below win over its parts.',
  },
  host: {
    kind: 'string',
    description:
      'Host of the server, the folder of its socket, or several hosts with commas between them. PGHOST, then localhost, unless set.',
  },
  port: { kind: 'integer', description: 'Port of the server. PGPORT, then 5432, unless set.' },
  user: { kind: 'string', description: 'Name of the user. PGUSER unless set.' },
  password: {
    kind: 'string',
    secret: true,
    description: 'Password of the user. PGPASSWORD, then .pgpass, unless set.',
  },
  database: { kind: 'string', description: 'Name of the database. PGDATABASE unless set.' },
  ssl_enable: {
    kind: 'boolean',
    description: 'true: ssl_mode is verify-full unless set. false: no TLS.',
  },
  ssl_mode: {
    kind: 'string',
    allowed: ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'],
    description: 'As libpq has it. PGSSLMODE, then prefer, unless set.',
  },
  ssl_certificate_authority: {
    kind: 'string',
    description:
      'PEM file of the authorities to trust, or system for those that this machine trusts. PGSSLROOTCERT unless set.',
  },
  ssl_client_certificate: {
    kind: 'string',
    description: "PEM file of this client's certificate. PGSSLCERT unless set.",
  },
  ssl_client_private_key: {
    kind: 'string',
    description: "PEM file of this client's key. PGSSLKEY unless set.",
  },
  connect_timeout_seconds: {
    kind: 'number',
    description:
      'How long each host may take to connect. connect_timeout of the url, then 10, unless set; 0 for as long as it takes.',
  },
  statement_timeout_seconds: {
    kind: 'number',
    description:
      'How long a statement may run, 0 for as long as it takes. As the server has it unless set.',
  },
  lock_timeout_seconds: {
    kind: 'number',
    description:
      'How long to try for a lock, 0 for as long as it takes. Tries are short, so that nobody queues behind them, and the log says who is in the way. 300 unless set.',
  },
  default_target_schema: {
    kind: 'string',
    default: 'traffic_events',
    description: 'Database schema that tables are made in.',
  },
  schema_from_stream: {
    kind: 'boolean',
    default: false,
    description: 'Load stream sales-users into table users of schema sales.',
  },
  nul_replacement: {
    kind: 'string',
    description:
      'What the character U+0000 becomes, which PostgreSQL cannot store. Records with it are refused unless set.',
  },
  ...COMMON_SETTINGS,
} as const satisfies SettingDefinitions;

export type TargetSettings = SettingValues<typeof SETTINGS>;
