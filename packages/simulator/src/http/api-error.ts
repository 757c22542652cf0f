/** An answer other than 2xx, as the API words it. */
export class ApiError extends Error {
  override readonly name = 'ApiError' as const;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, details: string, headers: Readonly<Record<string, string>> = {}) {
    super(details);
    this.status = status;
    this.headers = headers;
  }
}
