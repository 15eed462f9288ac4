import type { Scenario } from "../exchange.ts";
import { specs } from "./workloads-pods/specs.ts";
import { podVolumes } from "./workloads-pods/volumes.ts";

export const scenarios: readonly Scenario[] = [...specs, ...podVolumes];
