import type { Scenario } from "../exchange.ts";
import { accounts } from "./admission/accounts.ts";
import { defaults } from "./admission/defaults.ts";
import { limits } from "./admission/limits.ts";
import { nodes } from "./admission/nodes.ts";
import { podSecurity } from "./admission/pod-security.ts";
import { order } from "./admission/order.ts";
import { quotas } from "./admission/quotas.ts";

export const scenarios: readonly Scenario[] = [
  ...accounts,
  ...defaults,
  ...limits,
  ...nodes,
  ...podSecurity,
  ...quotas,
  ...order,
];
