import type { Clock } from "@berth/base";

const day = 24 * 3600 * 1000;

/** Milliseconds for which each sort of key or certificate is made. */
export const lifetimes = { authority: 3650 * day, leaf: 365 * day, serviceAccountKey: 365 * day } as const;

/** Clocks of a cluster's machines differ; a certificate made now must be valid on all of them. */
const clockTolerance = 300_000;

export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

export function validityFromNow(clock: Clock, lifetime: number): Validity {
  return { notBefore: new Date(clock.now() - clockTolerance), notAfter: new Date(clock.now() + lifetime) };
}

/** In the last third of a life there is time left to make the next one and have everybody know it. */
export function inLastThird(from: number, to: number, now: number): boolean {
  return now > to - (to - from) / 3;
}
