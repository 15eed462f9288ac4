import type { Scenario } from "../exchange.ts";
import { clusterScenarios } from "./others/cluster.ts";
import { configScenarios } from "./others/config.ts";
import { endpointScenarios } from "./others/endpoints.ts";
import { networkScenarios } from "./others/network.ts";
import { policyScenarios } from "./others/policy.ts";
import { serviceScenarios } from "./others/services.ts";
import { storageScenarios } from "./others/storage.ts";

export const scenarios: readonly Scenario[] = [
  ...serviceScenarios,
  ...endpointScenarios,
  ...configScenarios,
  ...clusterScenarios,
  ...storageScenarios,
  ...networkScenarios,
  ...policyScenarios,
];
