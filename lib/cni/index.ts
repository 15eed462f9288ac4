export { CniError, cniCode, cniErrorTrailer, encodeCniError, toCniError } from "./cni-error.ts";
export { cniVersions, isCniVersion, newestCommon, newestCniVersion, type CniVersion } from "./cni-version.ts";
export { configFromJson, configToJson } from "./config-json.ts";
export { type CniResult, resultFromJson, resultToJson } from "./result-json.ts";
