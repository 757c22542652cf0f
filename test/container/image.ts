import { execFile } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../..');
const DEBIAN = 'docker.io/library/debian:trixie-slim';
const NODE = 'docker.io/library/node:24-trixie-slim';
/** Where a machine may keep certificates of its own; what is built in an image then needs them too. */
const CERTIFICATES = process.env['NODE_EXTRA_CA_CERTS'];
const CERTIFICATES_IN_IMAGE = '/usr/local/share/host-certificates.crt';

/** What an engine is told about an image. */
export interface ImageConfig {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Healthcheck: { readonly Test: readonly string[] };
}

/**
 * Builds images without an engine and without a registry: what stands in for the public images is made
 * of Debian's packages, under their names, so that the Dockerfile is built as it is.
 */
export class ImageBuilder {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Builds `container/Dockerfile` and answers its name. */
  async build(): Promise<string> {
    await this.#debian();
    await this.#node();
    const dockerfile = join(ROOT, 'container/Dockerfile');
    const options = ['--pull-never', '--format', 'docker', '--tag', 'traffic-events'];
    await this.#buildah('bud', ...options, '--file', dockerfile, ROOT);
    return 'localhost/traffic-events';
  }

  async config(image: string): Promise<ImageConfig> {
    const text = await this.#buildah('inspect', '--type', 'image', image);
    return (JSON.parse(text) as { Docker: { config: ImageConfig } }).Docker.config;
  }

  /** The folder that is the root of a container of an image. */
  async rootOf(image: string): Promise<string> {
    const container = await this.#from(image);
    return this.#buildah('mount', container);
  }

  async remove(): Promise<void> {
    await this.#buildah('rm', '--all');
    await this.#buildah('rmi', '--all', '--force');
    rmSync(this.#folder, { recursive: true });
  }

  async #debian(): Promise<void> {
    const archive = join(this.#folder, 'debian.tar');
    await run('mmdebstrap', ['--variant=minbase', '--quiet', 'trixie', archive]);
    const container = await this.#from('scratch');
    await this.#buildah('add', '--quiet', container, archive, '/');
    if (CERTIFICATES !== undefined && existsSync(CERTIFICATES)) {
      await this.#buildah('copy', '--quiet', container, CERTIFICATES, CERTIFICATES_IN_IMAGE);
      for (const name of ['NODE_EXTRA_CA_CERTS', 'npm_config_cafile']) {
        await this.#buildah('config', '--env', `${name}=${CERTIFICATES_IN_IMAGE}`, container);
      }
    }
    await this.#buildah('commit', '--quiet', '--rm', container, DEBIAN);
  }

  /** Debian with the Node and the npm of this machine. */
  async #node(): Promise<void> {
    const { stdout } = await run('npm', ['root', '--global']);
    const npm = '/usr/local/lib/node_modules/npm';
    const container = await this.#from(DEBIAN);
    await this.#buildah('copy', '--quiet', container, process.execPath, '/usr/local/bin/node');
    await this.#buildah('copy', '--quiet', container, join(stdout.trim(), 'npm'), npm);
    for (const name of ['npm', 'npx']) {
      const link = ['ln', '-s', `${npm}/bin/${name}-cli.js`, `/usr/local/bin/${name}`];
      await this.#buildah('run', container, '--', ...link);
    }
    await this.#buildah('commit', '--quiet', '--rm', container, NODE);
  }

  #from(image: string): Promise<string> {
    return this.#buildah('from', '--pull-never', image);
  }

  async #buildah(...args: readonly string[]): Promise<string> {
    const store = ['--root', join(this.#folder, 'root'), '--runroot', join(this.#folder, 'run')];
    const options = [...store, '--storage-driver', 'vfs'];
    const environment = { ...process.env, BUILDAH_ISOLATION: 'chroot' };
    const { stdout } = await run('buildah', [...options, ...args], {
      env: environment,
      maxBuffer: 100_000_000,
    });
    return stdout.trim();
  }
}
