import type { Scenario } from "../exchange.ts";
import { clusterTables } from "./tables/cluster.ts";
import { customTables } from "./tables/custom.ts";
import { formTables } from "./tables/forms.ts";
import { networkTables } from "./tables/network.ts";
import { podTables } from "./tables/pods.ts";
import { workloadTables } from "./tables/workloads.ts";

export const scenarios: readonly Scenario[] = [
  ...formTables,
  ...podTables,
  ...workloadTables,
  ...networkTables,
  ...clusterTables,
  ...customTables,
];
