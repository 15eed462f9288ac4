/** Versions of the CNI specification that can be converted, oldest first. */
export const cniVersions = ["0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"] as const;
export type CniVersion = (typeof cniVersions)[number];

export const newestCniVersion: CniVersion = "1.1.0";

export function isCniVersion(text: string): text is CniVersion {
  return (cniVersions as readonly string[]).includes(text);
}

/** The newest version that all of these lists hold; undefined when they have none in common. */
export function newestCommon(supported: readonly (readonly string[])[]): CniVersion | undefined {
  return cniVersions.findLast((version) => supported.every((list) => list.includes(version)));
}

/** Whether a version is that one or newer. */
export function isAtLeast(version: CniVersion, least: CniVersion): boolean {
  return cniVersions.indexOf(version) >= cniVersions.indexOf(least);
}
