import { fileIdentity } from './file-url.ts';
import { MAX_URLS, URL_KEYS, UrlPageProblem } from './url-page.ts';
import type { UrlKey, UrlPage } from './url-page.ts';

/** Signed URLs of a result, good for ten minutes. Secrets: never log their query. */
export interface DownloadUrls {
  /** One per part file, in order; each file once, however often the API names it. */
  readonly urls: readonly string[];
  /** Of the files that describe the run; not part of the result. */
  readonly metadataUrls: readonly string[];
  /** Why these may not be the right files; empty where nothing says so. */
  readonly doubts: readonly string[];
  /** Why there may be more; settled where metadata states the rows of the whole and they are there. */
  readonly mayLack: readonly string[];
}

const MAX_PAGES = 100;
/** Pages in a row without a single file, behind which none is expected any more. */
const MAX_EMPTY_PAGES = 10;
/** A token that changes is a placeholder all the same where so often nothing but known files came. */
const MAX_REPEATS = 2;

const EMPTY_PAGE = 'a page of its list of files had none, so that some may be missing';

/** Files by their identity, in the order in which they were first named. */
type Files = Map<string, URL>;

interface Apart {
  readonly own: readonly string[];
  /** How many were left out. */
  readonly foreign: number;
  /** Addresses have the execution's id in them. */
  readonly isNamed: boolean;
}

/** Gathers the files that the pages of an answer name, each of them once. */
export class UrlCollection {
  readonly #executionId: string;
  readonly #byKey = new Map<UrlKey, Files>(URL_KEYS.map((key) => [key, new Map()]));
  readonly #metadata: Files = new Map();
  readonly #mayLack: string[] = [];
  /** The token that led to the page to come; null before the first. */
  #followed: string | null = null;
  #pages = 0;
  /** The first page had no files, so that a token led to all there are. */
  #areAllBehindToken = false;
  /** In a row. */
  #emptyPages = 0;
  /** In a row: pages of known files alone. */
  #repeats = 0;

  constructor(executionId: string) {
    this.#executionId = executionId;
  }

  /**
   * Takes up a page and answers the token to go on with; null at the end, which is also where a token
   * turns out to be a placeholder: it does not change, or leads to known files twice. A page without
   * files ends nothing, and leaves in doubt whether it should have had some. UrlPageProblem where the
   * list does not end.
   */
  take(page: UrlPage): string | null {
    this.#pages += 1;
    const { isEmpty, isNew } = this.#add(page);
    const { token, problem } = page.next;
    if (problem !== null) this.lacking(`${problem}, so that there may be more files`);
    if (this.#pages === 1) this.#areAllBehindToken = isEmpty;
    const isUnchanged = token !== null && token === this.#followed;
    if (isUnchanged && !isNew) return null;
    if (!isEmpty && !isNew) return this.#askAgain();
    this.#repeats = 0;
    if (isEmpty && (token !== null || this.#pages > 1)) this.#takeEmpty();
    else this.#emptyPages = 0;
    if (token === null || this.#emptyPages >= MAX_EMPTY_PAGES) return null;
    this.#checkPages();
    this.#followed = token;
    return token;
  }

  lacking(reason: string): void {
    this.#mayLack.push(reason);
  }

  /** The files of the first key that has any; the others may only say the same. */
  result(): DownloadUrls {
    const [winner, ...others] = [...this.#byKey].filter(([, files]) => files.size > 0);
    const [winnerKey, files] = winner ?? [undefined, new Map<string, URL>()];
    const contradictions = others
      .filter(([key, other]) => !saysTheSame(key, other, files))
      .map(([key]) => `${winnerKey} and ${key} in the API's answer name different files`);
    const { own, foreign, isNamed } = this.#apart(hrefs(files));
    if (foreign > 0) {
      contradictions.push(
        `${foreign} of the files listed for it bear another name than the others`,
      );
    }
    if (this.#areAllBehindToken && own.length > 0 && !isNamed) {
      contradictions.push(
        "the API's list of files had none but behind its nextToken, which may lead to those of another execution",
      );
    }
    return {
      urls: own,
      metadataUrls: hrefs(this.#metadata),
      doubts: contradictions,
      mayLack: this.#mayLack,
    };
  }

  /** The token whose page had known files alone, until that is no accident. */
  #askAgain(): string | null {
    this.#repeats += 1;
    if (this.#repeats >= MAX_REPEATS) return null;
    this.#checkPages();
    return this.#followed;
  }

  #takeEmpty(): void {
    this.#emptyPages += 1;
    if (!this.#mayLack.includes(EMPTY_PAGE)) this.lacking(EMPTY_PAGE);
    if (this.#emptyPages < MAX_EMPTY_PAGES) return;
    this.lacking(`its list of files goes on after ${MAX_EMPTY_PAGES} pages without any`);
  }

  #checkPages(): void {
    if (this.#pages >= MAX_PAGES) throw new UrlPageProblem(`do not end within ${MAX_PAGES} pages`);
  }

  /**
   * A token may lead to the files of another execution. Where addresses have the execution's id in
   * them, also if only that of the metadata has, those that have not are left out: their rows are of
   * another day or query.
   */
  #apart(urls: readonly string[]): Apart {
    const isOwn = (url: string) => new URL(url).pathname.includes(this.#executionId);
    const isNamed = [...urls, ...hrefs(this.#metadata)].some(isOwn);
    const own = isNamed ? urls.filter(isOwn) : urls;
    return { own, foreign: urls.length - own.length, isNamed };
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

/** One URL cannot name several files: it says the same if its file is one of them. */
function saysTheSame(key: UrlKey, other: Files, files: Files): boolean {
  const isWithin = [...other.keys()].every((identity) => files.has(identity));
  const isAll = other.size === files.size || (key === 'downloadUrl' && other.size === 1);
  return isWithin && isAll;
}

function hrefs(files: Files): string[] {
  return Array.from(files.values(), ({ href }) => href);
}
