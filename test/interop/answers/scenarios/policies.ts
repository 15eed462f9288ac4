import type { Scenario } from "../exchange.ts";
import { atWorkScenarios } from "./policies/at-work.ts";
import { hookScenarios } from "./policies/hooks.ts";
import { mutatingScenarios } from "./policies/mutating.ts";
import { mutatingAtWorkScenarios } from "./policies/mutating-at-work.ts";
import { storedScenarios } from "./policies/stored.ts";
import { validatingScenarios } from "./policies/validating.ts";

export const scenarios: readonly Scenario[] = [
  ...validatingScenarios,
  ...mutatingScenarios,
  ...storedScenarios,
  ...hookScenarios,
  ...atWorkScenarios,
  ...mutatingAtWorkScenarios,
];
