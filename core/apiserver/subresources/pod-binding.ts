import { formatTime, kinds, namedType } from "../../api/index.ts";
import { badRequest, conflict, unnamedError } from "../request/status-error.ts";
import { type Shown, shownAs } from "../admission/shown-request.ts";
import type { Draft } from "../registry/object-meta.ts";
import { updateObject } from "../registry/registry.ts";
import { readNamed } from "../registry/request-object.ts";
import { writeContext } from "../registry/resource-handler.ts";
import type { ObjectReply } from "../request/request.ts";
import type { SubresourceCall, SubresourceHandler } from "./subresource.ts";

interface Binding extends Draft {
  target?: { kind?: string; name?: string };
}

interface PodCondition {
  type: string;
  status: string;
  lastProbeTime?: string | null;
  lastTransitionTime?: string;
}

const type = namedType("v1", "Binding")!;

/** POST pods/NAME/binding: gives a pod its node, once. */
export const bindPod: SubresourceHandler = async (call: SubresourceCall) => {
  const binding = await readNamed<Binding>(call.request, type);
  return bindBy(call, binding);
};

/** POST bindings: the same, of the pod that the body names. */
export const bindNamedPod: SubresourceHandler = async (call: SubresourceCall) => {
  const binding = await readNamed<Binding>(call.request, type);
  const kind = kinds.byKind("", "v1", "Pod")!;
  return bindBy({ ...call, kind, info: { ...call.info, name: binding.metadata?.name ?? "" } }, binding);
};

async function bindBy(call: SubresourceCall, binding: Binding): Promise<ObjectReply> {
  const { registry, kind, request, info, now } = call;
  binding.metadata ??= {};
  if ((binding.metadata.name ?? "") !== info.name)
    throw badRequest("name in URL does not match name in Binding object");
  const node = checkedTarget(binding);
  const show = (pod: Draft | undefined): Shown =>
    shownAs(type, {
      operation: "CREATE",
      object: binding,
      accept: (next) => place(pod!, next, (next as Binding).target?.name ?? node),
    });
  const context = { ...writeContext(request, info, now), subresource: "binding", show };
  await updateObject(
    registry,
    kind,
    info.namespace,
    info.name,
    (current) => {
      const pod = current.copy<Draft>();
      bind(pod, binding, node, now);
      delete pod.metadata.resourceVersion;
      return pod;
    },
    context,
  );
  return {
    kind: "object",
    status: 201,
    value: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 },
  };
}

/** Name of the node. What is wrong is told without a status of its own. @throws StatusError 500 */
function checkedTarget({ target }: Binding): string {
  const { kind = "", name = "" } = target ?? {};
  const wrong = [];
  if (kind !== "" && kind !== "Node")
    wrong.push(
      `target.kind: Unsupported value: ${JSON.stringify(kind)}: supported values: "Node", "<empty>"`,
    );
  if (name === "") wrong.push("target.name: Required value");
  if (wrong.length > 0) throw unnamedError(wrong.length > 1 ? `[${wrong.join(", ")}]` : wrong[0]!);
  return name;
}

function bind(pod: Draft, binding: Binding, node: string, now: number): void {
  const pods = { group: "", resource: "pods/binding" };
  const name = pod.metadata.name ?? "";
  const spec = (pod.spec ??= {});
  if (binding.metadata.uid && binding.metadata.uid !== pod.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${binding.metadata.uid}, UID in object meta: ${pod.metadata.uid}`;
    throw conflict(pods, name, why);
  }
  if (pod.metadata.deletionTimestamp)
    throw conflict(pods, name, `pod ${name} is being deleted, cannot be assigned to a host`);
  if (spec["nodeName"])
    throw conflict(pods, name, `pod ${name} is already assigned to node ${JSON.stringify(spec["nodeName"])}`);
  if (Array.isArray(spec["schedulingGates"]) && spec["schedulingGates"].length > 0)
    throw conflict(pods, name, `pod ${name} has non-empty .spec.schedulingGates`);
  place(pod, binding, node);
  const status = (pod.status ??= {});
  // It has been placed: a hint where it might be would be an old one.
  delete status["nominatedNodeName"];
  const conditions = (status["conditions"] ??= []) as PodCondition[];
  const others = conditions.filter((one) => one.type !== "PodScheduled");
  status["conditions"] = [
    ...others,
    { type: "PodScheduled", status: "True", lastProbeTime: null, lastTransitionTime: formatTime(now) },
  ];
}

function place(pod: Draft, { metadata: { annotations, labels } }: Draft, node: string): void {
  (pod.spec ??= {})["nodeName"] = node;
  if (annotations) pod.metadata.annotations = { ...pod.metadata.annotations, ...annotations };
  if (labels) pod.metadata.labels = { ...pod.metadata.labels, ...labels };
}
