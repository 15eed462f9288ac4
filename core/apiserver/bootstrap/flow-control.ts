import { formatTime, kinds } from "../../api/index.ts";
import { type BootstrapOptions, conditionOwner, ensure } from "./ensure.ts";

const group = "flowcontrol.apiserver.k8s.io";
const apiVersion = `${group}/v1`;
const annotations = { "apf.kubernetes.io/autoupdate-spec": "true" };
const manager = "api-priority-and-fairness-config-producer-v1";

type Queues = readonly [queues: number, handSize: number];

/** Shares of what is done at once, the part of them that is lent, and queues where what comes in between waits. */
const levels: readonly (readonly [name: string, shares: number, lendable: number, queues?: Queues])[] = [
  ["catch-all", 5, 0],
  ["global-default", 20, 50, [128, 6]],
  ["leader-election", 10, 0, [16, 4]],
  ["node-high", 40, 25, [64, 6]],
  ["system", 30, 33, [64, 6]],
  ["workload-high", 40, 50, [128, 6]],
  ["workload-low", 100, 90, [128, 6]],
];

const ofUser = (name: string): object => ({ kind: "User", user: { name } });
const ofGroup = (name: string): object => ({ kind: "Group", group: { name } });
const anyone = [ofGroup("system:unauthenticated"), ofGroup("system:authenticated")];
const ofSystemAccounts = {
  kind: "ServiceAccount",
  serviceAccount: { namespace: "kube-system", name: "*" },
};
const manages = ofUser("system:kube-controller-manager");
const schedules = ofUser("system:kube-scheduler");
const nodes = ofGroup("system:nodes");

const anyUrl = { verbs: ["*"], nonResourceURLs: ["*"] };
const resourceRule = (verbs: string[], groups: string[], resources: string[]): object => ({
  verbs,
  apiGroups: groups,
  resources,
  namespaces: ["*"],
});
const anything = {
  resourceRules: [{ ...resourceRule(["*"], ["*"], ["*"]), clusterScope: true }],
  nonResourceRules: [anyUrl],
};

interface Flow {
  readonly name: string;
  readonly level: string;
  readonly precedence: number;
  /** What tells one flow of the schema from another; nothing where they need not wait. */
  readonly by?: "ByUser" | "ByNamespace";
  readonly subjects: readonly object[];
  readonly rules?: object;
}

const flows: readonly Flow[] = [
  { name: "exempt", level: "exempt", precedence: 1, subjects: [ofGroup("system:masters")] },
  {
    name: "probes",
    level: "exempt",
    precedence: 2,
    subjects: anyone,
    rules: { nonResourceRules: [{ verbs: ["get"], nonResourceURLs: ["/healthz", "/readyz", "/livez"] }] },
  },
  {
    name: "system-leader-election",
    level: "leader-election",
    precedence: 100,
    by: "ByUser",
    subjects: [manages, schedules, ofSystemAccounts],
    rules: {
      resourceRules: [resourceRule(["get", "create", "update"], ["coordination.k8s.io"], ["leases"])],
    },
  },
  {
    name: "system-node-high",
    level: "node-high",
    precedence: 400,
    by: "ByUser",
    subjects: [nodes],
    rules: {
      resourceRules: [
        { ...resourceRule(["*"], [""], ["nodes", "nodes/status"]), clusterScope: true },
        resourceRule(["*"], ["coordination.k8s.io"], ["leases"]),
      ],
    },
  },
  { name: "system-nodes", level: "system", precedence: 500, by: "ByUser", subjects: [nodes] },
  {
    name: "kube-controller-manager",
    level: "workload-high",
    precedence: 800,
    by: "ByNamespace",
    subjects: [manages],
  },
  {
    name: "kube-scheduler",
    level: "workload-high",
    precedence: 800,
    by: "ByNamespace",
    subjects: [schedules],
  },
  {
    name: "kube-system-service-accounts",
    level: "workload-high",
    precedence: 900,
    by: "ByNamespace",
    subjects: [ofSystemAccounts],
  },
  {
    name: "service-accounts",
    level: "workload-low",
    precedence: 9000,
    by: "ByUser",
    subjects: [ofGroup("system:serviceaccounts")],
  },
  { name: "global-default", level: "global-default", precedence: 9900, by: "ByUser", subjects: anyone },
  { name: "catch-all", level: "catch-all", precedence: 10_000, by: "ByUser", subjects: anyone },
];

/** Makes the flow schemas and priority levels that every cluster has and are missing. */
export async function bootstrapFlowControl(options: BootstrapOptions): Promise<void> {
  const exempt = { type: "Exempt", exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } };
  await ensureLevel(options, "exempt", exempt);
  for (const [name, nominalConcurrencyShares, lendablePercent, queues] of levels) {
    const limitResponse = queues
      ? {
          type: "Queue",
          queuing: { queues: queues[0], handSize: queues[1], queueLengthLimit: 50 },
        }
      : { type: "Reject" };
    const limited = { nominalConcurrencyShares, limitResponse, lendablePercent };
    await ensureLevel(options, name, { type: "Limited", limited });
  }
  for (const flow of flows) await ensureFlow(options, flow);
}

async function ensureLevel(
  options: BootstrapOptions,
  name: string,
  spec: Record<string, unknown>,
): Promise<void> {
  const kind = kinds.byKind(group, "v1", "PriorityLevelConfiguration")!;
  const metadata = { name, generation: 1, annotations: { ...annotations } };
  await ensure(options, kind, { apiVersion, kind: kind.kind, metadata, spec, status: {} }, manager);
}

async function ensureFlow(options: BootstrapOptions, flow: Flow): Promise<void> {
  const kind = kinds.byKind(group, "v1", "FlowSchema")!;
  const { name, level, precedence, by, subjects, rules = anything } = flow;
  const found = {
    type: "Dangling",
    status: "False",
    lastTransitionTime: formatTime(options.clock.now()),
    reason: "Found",
    message: `This FlowSchema references the PriorityLevelConfiguration object named "${level}" and it exists`,
  };
  const object = {
    apiVersion,
    kind: kind.kind,
    metadata: {
      name,
      generation: 1,
      annotations: { ...annotations },
      managedFields: [conditionOwner("api-priority-and-fairness-config-consumer-v1", kind, found)],
    },
    spec: {
      priorityLevelConfiguration: { name: level },
      matchingPrecedence: precedence,
      ...(by && { distinguisherMethod: { type: by } }),
      rules: [{ subjects: [...subjects], ...rules }],
    },
    status: { conditions: [found] },
  };
  await ensure(options, kind, object, manager);
}
