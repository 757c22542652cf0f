import { TrafficEventsClient } from '../client.ts';

/** A program that asks for one execution, at the addresses of its arguments, and prints what came. */
const [apiUrl, tokenUrl] = process.argv.slice(2);
const client = new TrafficEventsClient({
  clientId: 'id',
  clientSecret: 'secret-of-the-client',
  refreshToken: 'Atzr|refresh-of-the-client',
  apiUrl,
  tokenUrl,
  requestTimeoutMs: 5_000,
  retry: { maxAttempts: 1 },
});
try {
  const account = client.account({ kind: 'dsp', marketplace: 'DE', advertiserId: '1234' });
  const { status } = await account.getExecution('e1');
  process.stdout.write(status);
} catch (error) {
  process.stdout.write(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
} finally {
  await client.close();
}
