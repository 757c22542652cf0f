/** Codes of ends by a signal are above it. */
const SIGNALLED = 128;

/**
 * Ends a process that a signal has stopped although its output is not read any more: what is written
 * would keep it for as long as the pipe is open. For those who have waited for their reader.
 */
export function leaveUnread(): void {
  if (Number(process.exitCode) > SIGNALLED && process.stdout.writableLength > 0) process.exit();
}
