import type { Scenario } from "../exchange.ts";
import { values } from "./custom/values.ts";
import { lives } from "./custom/lives.ts";

export const scenarios: readonly Scenario[] = [...values, ...lives];
