import { encodeIp, type IpPrefix, parsePrefix } from "@berth/linux";

/** The fact in which a network plugin tells its address ranges: "10.88.0.0/16, fd00:88::/64". */
const fact = "ranges";

interface Ranged {
  readonly name: string;
  readonly facts: Readonly<Record<string, string>>;
}

/**
 * Why the networks of two sets cannot serve beside each other; undefined when they can. One that replaces another meets
 * its pods until the last of them is gone, and one address may not lead to two of them.
 */
export function overlappingRanges(next: readonly Ranged[], former: readonly Ranged[]): string | undefined {
  for (const one of next) {
    for (const other of former) {
      for (const mine of rangesOf(one)) {
        const hit = rangesOf(other).find((range) => overlap(mine.prefix, range.prefix));
        if (!hit) continue;
        return (
          `the address range ${mine.text} of ${one.name} overlaps ${hit.text} of ${other.name}, which serves on ` +
          `for the pods that it attached; give one of them another range in spec.config`
        );
      }
    }
  }
  return undefined;
}

function rangesOf({ facts }: Ranged): { text: string; prefix: IpPrefix }[] {
  const texts = (facts[fact] ?? "").split(",").map((text) => text.trim());
  return texts.flatMap((text) => {
    try {
      return text === "" ? [] : [{ text, prefix: parsePrefix(text) }];
    } catch (error) {
      // What a plugin tells in its facts is for people first: what is no range is not compared.
      if (error instanceof RangeError) return [];
      throw error;
    }
  });
}

function overlap(a: IpPrefix, b: IpPrefix): boolean {
  const bits = Math.min(a.length, b.length);
  const [left, right] = [a, b].map(({ address }) => [...encodeIp(address)]) as [number[], number[]];
  if (left.length !== right.length) return false;
  return left.every((byte, index) => {
    const shift = 8 - Math.min(8, Math.max(0, bits - index * 8));
    return byte >> shift === (right[index] ?? 0) >> shift;
  });
}
