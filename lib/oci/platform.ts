import type { Descriptor, Platform } from "./image-types.ts";

/** OCI's name for the machine's architecture. */
export function ownPlatform(arch: string = process.arch): Platform {
  const names: Record<string, string> = { x64: "amd64", arm64: "arm64", ia32: "386" };
  return { os: "linux", architecture: names[arch] ?? arch };
}

/** The entry of an index for a platform; an entry that names no platform fits all. */
export function chooseManifest(manifests: readonly Descriptor[], platform: Platform): Descriptor | undefined {
  const fits = (entry: Descriptor): boolean =>
    entry.platform?.os === platform.os && entry.platform.architecture === platform.architecture;
  return manifests.find(fits) ?? manifests.find((entry) => entry.platform === undefined);
}
