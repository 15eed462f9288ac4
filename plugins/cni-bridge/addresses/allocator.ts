import type { AddressRange } from "./address-range.ts";
import { toAddress, toNumber } from "./ip-number.ts";

/**
 * The next free address after `lastGiven`, going round at the end: an address that was just released is the last to
 * be given again, so that a slow peer does not meet the wrong pod. Undefined when the range is full.
 */
export function nextFreeAddress(
  range: AddressRange,
  lastGiven: string | undefined,
  isTaken: (address: string) => boolean,
): string | undefined {
  const gateway = toNumber(range.gateway);
  const size = range.last - range.first + 1n;
  const given = lastGiven === undefined ? range.first - 1n : toNumber(lastGiven);
  const start = given >= range.first && given < range.last ? given + 1n : range.first;
  for (let step = 0n; step < size; step++) {
    const number = range.first + ((start - range.first + step) % size);
    if (number === gateway) continue;
    const address = toAddress(number, range.version);
    if (!isTaken(address)) return address;
  }
  return undefined;
}
