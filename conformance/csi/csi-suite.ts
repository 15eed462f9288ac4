import type { Suite } from "../suite.ts";
import { CsiContext } from "./csi-context.ts";
import { identityCases } from "./identity-cases.ts";
import { listCases } from "./list-cases.ts";
import { nodeCases } from "./node-cases.ts";
import { volumeCases } from "./volume-cases.ts";

/** CSI 1.12: what a driver promises to whoever calls it, on one node. */
export const csiSuite: Suite<CsiContext> = {
  contract: "csi",
  cases: [...identityCases, ...volumeCases, ...listCases, ...nodeCases],
  async open(target) {
    const context = new CsiContext(target);
    await context.learn();
    return context;
  },
  cleanUp: (context) => context.cleanUp(),
  close: async (context) => context.close(),
};
