import { CelRuntimeError } from "../cel-error.ts";
import { global, member, type Overload, traversal } from "../declarations.ts";
import { Opaque } from "../values.ts";

const identifier = String.raw`(?:0|[1-9]\d*|\d*[A-Za-z-][0-9A-Za-z-]*)`;
const pattern = new RegExp(
  String.raw`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-(${identifier}(?:\.${identifier})*))?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$`,
);

class SemverValue extends Opaque {
  readonly celType = "kubernetes.Semver";
  /** Major, minor, patch. */
  readonly numbers: readonly [bigint, bigint, bigint];
  readonly prerelease: readonly string[];

  constructor(numbers: readonly [bigint, bigint, bigint], prerelease: readonly string[]) {
    super();
    this.numbers = numbers;
    this.prerelease = prerelease;
  }

  equals(other: SemverValue): boolean {
    return compare(this, other) === 0;
  }
}

/** Kubernetes' `semver("1.2.3")`; a second argument `true` takes "v1.2" too. */
export function semverLibrary(): Overload[] {
  const isSemver = (text: string, loose = false) => parse(text, loose) !== undefined;
  const semver = (text: string, loose = false) => {
    const version = parse(text, loose);
    if (!version)
      throw new CelRuntimeError(`No Major.Minor.Patch elements found: ${JSON.stringify(text.slice(0, 64))}`);
    return version;
  };
  return [
    global("isSemver(string): bool", isSemver, traversal()),
    global("isSemver(string, bool): bool", isSemver, traversal()),
    global("semver(string): kubernetes.Semver", semver, traversal()),
    global("semver(string, bool): kubernetes.Semver", semver, traversal()),
    ...["major", "minor", "patch"].map((name, at) =>
      member(`kubernetes.Semver.${name}(): int`, ({ numbers }: SemverValue) => numbers[at]!),
    ),
    member("kubernetes.Semver.compareTo(kubernetes.Semver): int", (a: SemverValue, b: SemverValue) =>
      BigInt(compare(a, b)),
    ),
    member(
      "kubernetes.Semver.isGreaterThan(kubernetes.Semver): bool",
      (a: SemverValue, b: SemverValue) => compare(a, b) > 0,
    ),
    member(
      "kubernetes.Semver.isLessThan(kubernetes.Semver): bool",
      (a: SemverValue, b: SemverValue) => compare(a, b) < 0,
    ),
  ];
}

function parse(text: string, loose: boolean): SemverValue | undefined {
  const match = pattern.exec(loose ? normalized(text) : text);
  if (!match) return undefined;
  const numbers = [BigInt(match[1]!), BigInt(match[2]!), BigInt(match[3]!)] as const;
  return new SemverValue(numbers, match[4]?.split(".") ?? []);
}

/** Without a leading v and zeros, and with all three numbers. */
function normalized(text: string): string {
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(.*)$/.exec(text);
  if (!match) return text;
  return `${[match[1], match[2] ?? "0", match[3] ?? "0"].map((one) => BigInt(one!)).join(".")}${match[4]}`;
}

function compare(a: SemverValue, b: SemverValue): number {
  for (const at of [0, 1, 2] as const)
    if (a.numbers[at] !== b.numbers[at]) return a.numbers[at] < b.numbers[at] ? -1 : 1;
  if (a.prerelease.length === 0 || b.prerelease.length === 0)
    return Number(a.prerelease.length === 0) - Number(b.prerelease.length === 0);
  for (let at = 0; at < Math.max(a.prerelease.length, b.prerelease.length); at++) {
    const [left, right] = [a.prerelease[at], b.prerelease[at]];
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1;
    if (left === right) continue;
    const [isLeftNumber, isRightNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)];
    if (isLeftNumber && isRightNumber) return BigInt(left) < BigInt(right) ? -1 : 1;
    if (isLeftNumber !== isRightNumber) return isLeftNumber ? -1 : 1;
    return left < right ? -1 : 1;
  }
  return 0;
}
