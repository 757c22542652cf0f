/** Which property a column has, as it was noted at the column. */
export interface ColumnNote {
  readonly property: string;
  /** Whether this loader made the column: others' are never altered. */
  readonly isMade: boolean;
}

/** A column that a table has. */
export interface HeldColumn {
  readonly name: string;
  /** As the warehouse spells it, with its limits: `numeric(10,2)`. */
  readonly type: string;
  /** Absent where nothing was noted: whoever made it, the column is the property's of its own name. */
  readonly note?: ColumnNote | undefined;
  /** Whether the warehouse fills it by itself, and takes no value for it. */
  readonly isGenerated?: boolean | undefined;
}

/** A table that is there, or what has its name. */
export interface HeldTable {
  /** `a view`, say; absent for a table. */
  readonly otherThing?: string | undefined;
  /** Rights to load slices that nobody has given us; absent where they are not asked for. */
  readonly lackedRights?: readonly string[] | undefined;
  readonly columns: readonly HeldColumn[];
  /** Whether it was made for slices, or holds a part of them: nothing else may go into it. */
  readonly isOfSlices: boolean;
  /** Whether slices can be replaced in it. */
  readonly takesSlices: boolean;
  /** Whether we may alter it. */
  readonly isOwned: boolean;
  /** What was noted of the key that its rows are told by; absent where nothing was, or no note is needed. */
  readonly keyNote?: string | undefined;
}

/** Longer names are told by the hash in their column's name. */
const MAX_NOTED = 400;
const NOTE = /(Made for|Holds) property ("(?:[^"\\]|\\.)*")\)?$/;

/** A note as a comment or a description, behind what else is said of the column. */
export function noteText(
  { property, isMade }: ColumnNote,
  description?: string,
): string | undefined {
  const name = JSON.stringify(property);
  if (name.length > MAX_NOTED) return description;
  const note = `${isMade ? 'Made for' : 'Holds'} property ${name}`;
  return description === undefined ? note : `${description} (${note})`;
}

export function readNote(text: string | null | undefined): ColumnNote | undefined {
  const match = NOTE.exec(text ?? '');
  if (match === null) return undefined;
  return { property: JSON.parse(match[2] ?? '""') as string, isMade: match[1] === 'Made for' };
}
