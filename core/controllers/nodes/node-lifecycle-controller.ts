import type { Node, NodeCondition, Pod } from "../../api/index.ts";
import { formatTime } from "../../api/index.ts";
import { deepEqual } from "../../api/index.ts";
import type { WorkQueue } from "../../client/contracts.ts";
import { clientOf, resources } from "../../client/resources.ts";
import { onEveryChange, reconcileQueue, splitKey, unlessGone } from "../../client/reconcile.ts";
import { withCondition } from "../shared/conditions.ts";
import type { Controller, ControllerParts } from "../shared/controller.ts";
import { evictionTime, wantedTaints } from "./node-taints.ts";
import { TaintTimes } from "./taint-times.ts";

/** A node silent for this long counts as lost; its lease is renewed every 10 s. */
const graceMs = 40_000;
const checkMs = 5000;
const toldByNodes = ["Ready", "MemoryPressure", "DiskPressure", "PIDPressure"];

/**
 * Notices nodes that have fallen silent, says so in their conditions and taints, and evicts pods from those where they
 * may not stay. Silence and the time that pods tolerate are measured on this process's own clock from what it saw itself,
 * so that neither a wrong clock nor a restart of this process makes a node look lost or costs a pod.
 */
export class NodeLifecycleController implements Controller {
  readonly label = "node lifecycle controller";
  readonly #parts: ControllerParts;
  readonly #nodes: WorkQueue<string>;
  readonly #evictions: WorkQueue<string>;
  readonly #signs = new Map<string, { renewed: string | undefined; seenAt: number }>();
  readonly #tainted: TaintTimes;

  constructor(parts: ControllerParts) {
    this.#parts = parts;
    this.#tainted = new TaintTimes(parts.clock);
    this.#nodes = reconcileQueue(this.label, parts, (name) => this.#reconcile(name), { parallel: 4 });
    this.#evictions = reconcileQueue("taint eviction", parts, (key) => this.#evict(key), { parallel: 8 });
    const { nodes, pods, leases } = parts.informers;
    onEveryChange(nodes, ({ metadata, spec }, change) => {
      this.#tainted.note(metadata.name, change === "deleted" ? [] : (spec?.taints ?? []));
      if (change === "deleted") this.#signs.delete(metadata.name);
      else this.#nodes.add(metadata.name);
    });
    onEveryChange(leases, ({ metadata }) => {
      if (nodes.get(metadata.name)) this.#sawSign(metadata.name);
    });
    onEveryChange(pods, ({ metadata, spec }, change) => {
      if (change !== "deleted" && spec.nodeName)
        this.#evictions.add(`${metadata.namespace}/${metadata.name}`);
    });
  }

  async dispose(): Promise<void> {
    await Promise.all([this.#nodes.dispose(), this.#evictions.dispose()]);
  }

  async #reconcile(name: string): Promise<void> {
    const node = this.#parts.informers.nodes.get(name);
    if (!node) return;
    const silentMs = this.#sawSign(name);
    this.#nodes.addAfter(name, checkMs);
    if (silentMs > graceMs && this.#ready(node)?.status !== "Unknown") {
      await this.#markLost(node);
      return;
    }
    const taints = wantedTaints(node, formatTime(this.#parts.clock.now()));
    if (!deepEqual(taints, node.spec?.taints ?? [])) {
      const patch = { metadata: { resourceVersion: node.metadata.resourceVersion }, spec: { taints } };
      await unlessGone(clientOf(this.#parts.api, resources.nodes).patch(name, "merge", patch));
    }
    for (const { metadata } of this.#podsOf(name))
      this.#evictions.add(`${metadata.namespace}/${metadata.name}`);
  }

  /** How long the node has been silent, in milliseconds. */
  #sawSign(name: string): number {
    const { clock, informers } = this.#parts;
    const lease = informers.leases.get(name, "kube-node-lease")?.spec?.renewTime;
    const heartbeat = this.#ready(informers.nodes.get(name))?.lastHeartbeatTime;
    const renewed = `${lease} ${heartbeat}`;
    const known = this.#signs.get(name);
    if (known?.renewed === renewed) return clock.monotonic() - known.seenAt;
    this.#signs.set(name, { renewed, seenAt: clock.monotonic() });
    return 0;
  }

  async #markLost(node: Node): Promise<void> {
    const { api, clock, events } = this.#parts;
    const { name } = node.metadata;
    let conditions: readonly NodeCondition[] = node.status?.conditions ?? [];
    for (const type of toldByNodes) {
      const known = conditions.find((condition) => condition.type === type);
      const lost = {
        ...known,
        type,
        status: "Unknown",
        reason: known ? "NodeStatusUnknown" : "NodeStatusNeverUpdated",
        message: `The node has not renewed its lease for ${graceMs / 1000} s.`,
      };
      conditions = withCondition(conditions, lost, clock.now());
    }
    events.event(
      { apiVersion: "v1", kind: "Node", ...node },
      "Warning",
      "NodeNotReady",
      `Node ${name} has been silent for ${graceMs / 1000} s`,
    );
    const client = clientOf(api, resources.nodes);
    await unlessGone(client.patch(name, "merge", { status: { conditions } }, { subresource: "status" }));
    for (const pod of this.#podsOf(name)) await this.#markUnready(pod);
  }

  /** Services shall not send anybody to a pod of which nobody knows. */
  async #markUnready(pod: Pod): Promise<void> {
    const known = pod.status?.conditions?.find(({ type }) => type === "Ready");
    if (known?.status !== "True") return;
    const { clock, api } = this.#parts;
    const lost = { ...known, status: "False", reason: "NodeNotReady", message: "The pod's node is silent." };
    const conditions = withCondition(pod.status?.conditions, lost, clock.now());
    const { name, namespace = "" } = pod.metadata;
    const patch = { status: { conditions } };
    await unlessGone(
      clientOf(api, resources.pods).patch(name, "merge", patch, { namespace, subresource: "status" }),
    );
  }

  async #evict(key: string): Promise<void> {
    const { informers, clock, events, api } = this.#parts;
    const { namespace, name } = splitKey(key);
    const pod = informers.pods.get(name, namespace);
    if (!pod || pod.metadata.deletionTimestamp) return;
    const node = pod.spec.nodeName ?? "";
    const taints = informers.nodes.get(node)?.spec?.taints ?? [];
    const at = evictionTime(pod, taints, (taint) => this.#tainted.since(node, taint));
    if (at === undefined) return;
    const waitMs = at - clock.monotonic();
    if (waitMs > 0) {
      this.#evictions.addAfter(key, waitMs);
      return;
    }
    const message = `Marking for deletion: node ${pod.spec.nodeName} has a taint the pod does not tolerate (any longer)`;
    events.event({ apiVersion: "v1", kind: "Pod", ...pod }, "Normal", "TaintManagerEviction", message);
    const { uid } = pod.metadata;
    await unlessGone(
      clientOf(api, resources.pods).delete(name, { namespace, ...(uid && { preconditions: { uid } }) }),
    );
  }

  #ready(node: Node | undefined): NodeCondition | undefined {
    return node?.status?.conditions?.find(({ type }) => type === "Ready");
  }

  #podsOf(node: string): Pod[] {
    return this.#parts.informers.pods.byIndex("node", node);
  }
}
