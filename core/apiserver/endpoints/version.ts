/** GET /version: the level of the API, with our own name and version as build metadata. */
export function versionDocument(berthVersion: string): object {
  return {
    major: "1",
    minor: "36",
    emulationMajor: "1",
    emulationMinor: "36",
    minCompatibilityMajor: "1",
    minCompatibilityMinor: "35",
    gitVersion: gitVersion(berthVersion),
    gitCommit: "",
    gitTreeState: "",
    buildDate: "1970-01-01T00:00:00Z",
    goVersion: "none",
    compiler: `node ${process.version}`,
    platform: `${process.platform}/${process.arch === "x64" ? "amd64" : process.arch}`,
  };
}

/** `v1.36.0+berth-0.1.0`. */
export function gitVersion(berthVersion: string): string {
  return `v1.36.0+berth-${berthVersion}`;
}
