import type { ConnectionSettings } from '@traffic-events/warehouse/postgres';
import type { TargetSettings } from './settings.ts';

/** Where the settings say that the warehouse is, and how to connect to it. */
export function connectionSettings(settings: TargetSettings): ConnectionSettings {
  const { url, host, port, user, password, database } = settings;
  return {
    url,
    host,
    port,
    user,
    password,
    database,
    sslMode: sslMode(settings),
    sslRootCert: settings.ssl_certificate_authority,
    sslCert: settings.ssl_client_certificate,
    sslKey: settings.ssl_client_private_key,
    connectTimeoutMs: milliseconds(settings.connect_timeout_seconds),
    statementTimeoutMs: milliseconds(settings.statement_timeout_seconds),
    lockTimeoutMs: milliseconds(settings.lock_timeout_seconds),
  };
}

function sslMode({ ssl_enable: isEnabled, ssl_mode: mode }: TargetSettings): string | undefined {
  if (isEnabled === undefined) return mode;
  return isEnabled ? (mode ?? 'verify-full') : 'disable';
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 1000);
}
