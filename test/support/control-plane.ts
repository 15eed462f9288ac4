import { DisposableStack, type Logger, silentLogger, systemClock } from "@berth/base";

import { formatMicroTime, type Node, type Pod } from "../../core/api/index.ts";
import {
  type ApiClient,
  clientOf,
  createEventRecorder,
  type EventRecorder,
  Informers,
  resources,
  waitFor,
} from "../../core/client/index.ts";
import { certificateSigner } from "../../core/http/index.ts";
import { ControllerManager } from "../../core/controllers/controller-manager.ts";
import { Scheduler } from "../../core/scheduler/scheduler.ts";
import { startTestApiServer, type TestApiServer } from "./api-server.ts";

/** An API server with scheduler and controllers, each as its own user, and nodes that only pretend to run pods. */
export interface TestControlPlane {
  readonly api: TestApiServer;
  /** As an administrator. */
  readonly admin: ApiClient;
  addNode(name: string, change?: { allocatable?: Record<string, string> }): Promise<void>;
  /** From now on pods with a node become running and ready, and dying ones end. */
  runPods(): Promise<void>;
  /** Part of the stack that is taken down with the control plane. */
  readonly stack: DisposableStack;
  dispose(): Promise<void>;
}

export async function startControlPlane(
  options: { transport?: "in-process" | "https"; logger?: Logger } = {},
): Promise<TestControlPlane> {
  const { transport = "in-process", logger = silentLogger } = options;
  const stack = new DisposableStack("test control plane");
  const api = await startTestApiServer({ logger });
  stack.defer("API server", () => api.dispose());
  const admin = await api.client(transport);
  const clock = systemClock;
  const events = (client: ApiClient, component: string): EventRecorder =>
    stack.use(createEventRecorder({ client, clock, logger, component }));

  const manager = await api.client(transport, "system:kube-controller-manager", []);
  const controllers = stack.use(
    new ControllerManager({
      api: manager,
      clock,
      logger,
      events: events(manager, "controller-manager"),
      rootCertificates: () => api.pki.authorityCertificate,
      signer: certificateSigner(api.pki, clock),
    }),
  );
  const user = await api.client(transport, "system:kube-scheduler", []);
  const scheduler = stack.use(
    new Scheduler({ api: user, clock, logger, events: events(user, "default-scheduler") }),
  );
  await Promise.all([controllers.start(), scheduler.start()]);

  return {
    api,
    admin,
    stack,
    addNode: async (name, change) => {
      const allocatable = { cpu: "4", memory: "8Gi", pods: "110", ...change?.allocatable };
      const node: Node = {
        apiVersion: "v1",
        kind: "Node",
        metadata: { name, labels: { "kubernetes.io/hostname": name } },
        spec: {},
      };
      const nodes = clientOf(admin, resources.nodes);
      await nodes.create(node);
      const conditions = [{ type: "Ready", status: "True", reason: "KubeletReady", message: "ready" }];
      const status = { capacity: allocatable, allocatable, conditions };
      await nodes.patch(name, "merge", { status }, { subresource: "status" });
      const resting = await stayAlive(admin, name);
      stack.defer(`signs of life of ${name}`, resting);
      await waitFor(nodes, name, (one) => one?.spec?.taints === undefined);
    },
    runPods: async () => {
      const informers = stack.use(new Informers("pretended nodes", { api: admin, clock, logger }));
      const pods = informers.of(resources.pods);
      pods.onDidAdd((pod) => void pretend(admin, pod));
      pods.onDidUpdate(({ object }) => void pretend(admin, object));
      await informers.start();
    },
    dispose: () => stack.dispose(),
  };
}

/** A node that renews no lease counts as lost after 40 s, and its pods go: no test may depend on being done by then. */
async function stayAlive(admin: ApiClient, name: string): Promise<() => void> {
  const scope = { namespace: "kube-node-lease" };
  const leases = clientOf(admin, resources.leases);
  const spec = () => ({ holderIdentity: name, renewTime: formatMicroTime(Date.now()) });
  const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name }, spec: spec() };
  await leases.create(lease, scope);
  // What comes too late for a server that is going down is missed by nobody.
  const renew = () => void leases.patch(name, "merge", { spec: spec() }, scope).catch(() => {});
  const timer = setInterval(renew, 5_000);
  return () => clearInterval(timer);
}

/** What a node would do to a pod; somebody may have been faster. */
async function pretend(admin: ApiClient, pod: Pod): Promise<void> {
  const { name, namespace = "", deletionTimestamp } = pod.metadata;
  if (!pod.spec.nodeName) return;
  const client = clientOf(admin, resources.pods);
  if (deletionTimestamp) {
    await client.delete(name, { namespace, gracePeriodSeconds: 0 }).catch(() => {});
  } else if (pod.status?.phase !== "Running") {
    const time = new Date().toISOString().replace(/\.\d+Z$/, "Z");
    const conditions = [
      ...(pod.status?.conditions ?? []),
      { type: "Ready", status: "True", lastTransitionTime: time },
    ];
    const patch = { status: { phase: "Running", conditions } };
    await client.patch(name, "merge", patch, { namespace, subresource: "status" }).catch(() => {});
  }
}
