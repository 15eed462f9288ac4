export { cniSuite } from "./cni/cni-suite.ts";
export { csiSuite } from "./csi/csi-suite.ts";
export { deviceSuite } from "./device/device-suite.ts";
export { type RunOptions, runSuite } from "./run-suite.ts";
export { sessionSuite } from "./session/session-suite.ts";
export type { Case, CaseResult, Outcome, Suite, Target } from "./suite.ts";
export { checkConformance } from "./check-conformance.ts";
