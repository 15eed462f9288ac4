import type { Scenario } from "../exchange.ts";
import { directives } from "./patches/directives.ts";
import { paths } from "./patches/paths.ts";
import { yamlBodies } from "./patches/yaml.ts";

export const scenarios: readonly Scenario[] = [...paths, ...directives, ...yamlBodies];
