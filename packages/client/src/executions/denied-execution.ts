import { AccessDeniedError } from '../errors/access-denied-error.ts';
import { ExecutionDeniedError } from '../errors/execution-denied-error.ts';

/**
 * Asks about one execution. Where the API refuses that, the account itself is tried before it is
 * said to have no access: AccessDeniedError where that is refused too, ExecutionDeniedError where
 * the account is served.
 */
export async function askAbout<Answer>(
  executionId: string,
  ask: () => Promise<Answer>,
  probeAccount: () => Promise<void>,
): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof AccessDeniedError)) throw error;
    if (await isRefusedToo(probeAccount)) throw error;
    throw new ExecutionDeniedError(
      `The API serves the account, but not execution ${executionId} of it: ${error.message}`,
      { status: error.status, requestId: error.requestId, cause: error },
    );
  }
}

/** Throws where it cannot be known. */
async function isRefusedToo(probeAccount: () => Promise<void>): Promise<boolean> {
  try {
    await probeAccount();
    return false;
  } catch (error) {
    if (error instanceof AccessDeniedError) return true;
    throw error;
  }
}
