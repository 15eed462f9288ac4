import type { Scenario } from "../exchange.ts";
import { lists } from "./reads/lists.ts";
import { forms } from "./reads/forms.ts";
import { documents } from "./reads/documents.ts";

export const scenarios: readonly Scenario[] = [...lists, ...forms, ...documents];
