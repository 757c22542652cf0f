import type { TestProject } from 'vitest/node';
import { EmbeddedPostgres } from '../embedded/embedded-postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    embeddedPostgresUrl: string;
  }
}

/** Projects are set up in one process; they share one server, which goes with the last of them. */
const shared = globalThis as {
  embeddedPostgres?: { server: Promise<EmbeddedPostgres>; users: number };
};

/** `globalSetup` of the projects that have tests on PostgreSQL. */
export default async function setUpPostgres(project: TestProject): Promise<() => Promise<void>> {
  shared.embeddedPostgres ??= { server: EmbeddedPostgres.start(), users: 0 };
  const held = shared.embeddedPostgres;
  held.users += 1;
  const server = await held.server;
  project.provide('embeddedPostgresUrl', server.url());
  return async () => {
    held.users -= 1;
    if (held.users > 0) return;
    delete shared.embeddedPostgres;
    await server.stop();
  };
}
