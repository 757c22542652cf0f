import { fileURLToPath } from 'node:url';

/**
 * The commented configuration that `init` copies: a file of the package, one folder above this one.
 * Bundled, this module lies in `dist`, where the same holds; deeper in `src` it would not.
 */
export const EXAMPLE_CONFIG = fileURLToPath(
  new URL('../traffic-events.example.yaml', import.meta.url),
);
