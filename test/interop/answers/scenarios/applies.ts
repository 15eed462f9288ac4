import type { Scenario } from "../exchange.ts";
import { customApplies } from "./applies/custom.ts";
import { series } from "./applies/series.ts";

export const scenarios: readonly Scenario[] = [...series, ...customApplies];
