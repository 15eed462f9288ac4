import type { Scenario } from "../exchange.ts";
import { changes } from "./watches/changes.ts";
import { customs } from "./watches/customs.ts";
import { lists } from "./watches/lists.ts";
import { options } from "./watches/options.ts";

export const scenarios: readonly Scenario[] = [...changes, ...options, ...lists, ...customs];
