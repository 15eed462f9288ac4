/** What one suite found. */
export interface Tally {
  passed: number;
  readonly failed: { readonly name: string; readonly why: string }[];
  readonly skipped: string[];
}

export function emptyTally(): Tally {
  return { passed: 0, failed: [], skipped: [] };
}
