/**
 * Whoever reads what is printed may go away: `head` that has enough, a terminal that is closed. What is
 * written then is lost, and ends no run. Writers whose lines must not be lost look for themselves.
 */
export function ignoreClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
    });
  }
}
