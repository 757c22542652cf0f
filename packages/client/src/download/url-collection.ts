import type { DownloadUrls } from './download-urls.ts';
import { fileIdentity } from './file-url.ts';
import { MAX_URLS, URL_KEYS, UrlPageProblem } from './url-page.ts';
import type { UrlKey, UrlPage } from './url-page.ts';

const MAX_PAGES = 100;
/** Pages in a row without a single file, behind which none is expected any more. */
const MAX_EMPTY_PAGES = 10;

/** Files by their identity, in the order in which they were first named. */
type Files = Map<string, URL>;

/** Gathers the files that the pages of an answer name, each of them once. */
export class UrlCollection {
  readonly #byKey = new Map<UrlKey, Files>(URL_KEYS.map((key) => [key, new Map()]));
  readonly #metadata: Files = new Map();
  readonly #doubts: string[] = [];
  readonly #tokens = new Set<string>();
  #pages = 0;
  #emptyPages = 0;

  /**
   * Takes up a page and answers the token to go on with: null at the end, and where a page names
   * only files that are known. UrlPageProblem where the list does not end.
   */
  take(page: UrlPage): string | null {
    this.#pages += 1;
    const { isEmpty, isNew } = this.#add(page);
    this.#emptyPages = isEmpty ? this.#emptyPages + 1 : 0;
    if (!isEmpty && !isNew) return null;
    const { token, problem } = page.next;
    if (problem !== null) this.doubt(`${problem}, so that there may be more files`);
    if (token === null || (isEmpty && this.#tokens.has(token))) return null;
    if (this.#emptyPages >= MAX_EMPTY_PAGES) {
      this.doubt(`its list of files goes on after ${MAX_EMPTY_PAGES} pages without any`);
      return null;
    }
    if (this.#pages >= MAX_PAGES) throw new UrlPageProblem(`do not end within ${MAX_PAGES} pages`);
    this.#tokens.add(token);
    return token;
  }

  doubt(reason: string): void {
    this.#doubts.push(reason);
  }

  /** The files of the first key that has any; the others may only say the same. */
  result(): DownloadUrls {
    const [winner, ...others] = [...this.#byKey].filter(([, files]) => files.size > 0);
    const [winnerKey, files] = winner ?? [undefined, new Map<string, URL>()];
    const contradictions = others
      .filter(([, other]) => !isSame(files, other))
      .map(([key]) => `${winnerKey} and ${key} in the API's answer name different files`);
    return {
      urls: hrefs(files),
      metadataUrls: hrefs(this.#metadata),
      doubts: [...contradictions, ...this.#doubts],
    };
  }

  #add(page: UrlPage): { readonly isEmpty: boolean; readonly isNew: boolean } {
    let isEmpty = true;
    let isNew = false;
    for (const [key, urls] of page.files) {
      const files = this.#byKey.get(key) as Files;
      if (urls.length > 0) isEmpty = false;
      if (addTo(files, urls) > 0) isNew = true;
      if (files.size > MAX_URLS) throw new UrlPageProblem(`are more than ${MAX_URLS}`);
    }
    addTo(this.#metadata, page.metadata);
    return { isEmpty, isNew };
  }
}

/** How many of the files were not there before. */
function addTo(files: Files, urls: readonly URL[]): number {
  const before = files.size;
  for (const url of urls) {
    const identity = fileIdentity(url);
    if (!files.has(identity)) files.set(identity, url);
  }
  return files.size - before;
}

function isSame(a: Files, b: Files): boolean {
  return a.size === b.size && [...b.keys()].every((identity) => a.has(identity));
}

function hrefs(files: Files): string[] {
  return Array.from(files.values(), ({ href }) => href);
}
