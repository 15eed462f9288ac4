/** One part of the core as its module declared it, with what it cost to make. */
export interface PartRecord {
  readonly room: string;
  /** The token's name. */
  readonly name: string;
  /** Names of the tokens that it is made from. */
  readonly needs: readonly string[];
  /** Milliseconds its own factory took, without what it needs; undefined until it is made. */
  madeInMs: number | undefined;
}
