import type { Scenario } from "../exchange.ts";
import { applies } from "./patches/applies.ts";
import { bodyScenarios } from "./patches/bodies.ts";
import { deletions } from "./patches/deletions.ts";
import { metadataScenarios } from "./patches/metadata.ts";
import { options } from "./patches/options.ts";
import { plainPatches } from "./patches/plain-patches.ts";
import { strategicPatches } from "./patches/strategic.ts";

export const scenarios: readonly Scenario[] = [
  ...plainPatches,
  ...strategicPatches,
  ...applies,
  ...options,
  ...bodyScenarios,
  ...deletions,
  ...metadataScenarios,
];
