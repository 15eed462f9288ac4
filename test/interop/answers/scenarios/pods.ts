import type { Scenario } from "../exchange.ts";
import { containerScenarios } from "./pods/containers.ts";
import { specScenarios } from "./pods/specs.ts";
import { changeScenarios } from "./pods/changes.ts";

export const scenarios: readonly Scenario[] = [...containerScenarios, ...specScenarios, ...changeScenarios];
