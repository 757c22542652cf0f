/** One step of the bookkeeping's schema. Once released it is never edited: a new one follows it. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  /** Statements for a schema, whose name comes quoted. */
  statements(schema: string): readonly string[];
}
