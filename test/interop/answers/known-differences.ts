/**
 * By area and scenario: the exchanges, counted from 0, that ours still answers in another way. They are played and not
 * compared; one that is answered alike again is told, so that the list grows no older than it must.
 */
export const knownDifferences: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>> = {};
