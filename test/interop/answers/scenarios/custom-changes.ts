import type { Scenario } from "../exchange.ts";
import { changes } from "./custom/changes.ts";

export const scenarios: readonly Scenario[] = [...changes];
