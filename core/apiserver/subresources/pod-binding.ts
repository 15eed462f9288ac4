import { formatTime, namedType } from "../../api/index.ts";
import { badRequest, conflict, unnamedError } from "../request/status-error.ts";
import { type Shown, shownAs } from "../admission/shown-request.ts";
import type { Draft } from "../registry/object-meta.ts";
import { updateObject } from "../registry/registry.ts";
import { readNamed } from "../registry/request-object.ts";
import { writeContext } from "../registry/resource-handler.ts";
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

/** POST pods/NAME/binding: gives a pod its node, once. */
export const bindPod: SubresourceHandler = async (call: SubresourceCall) => {
  const { registry, kind, request, info, now } = call;
  const type = namedType("v1", "Binding")!;
  const binding = await readNamed<Binding>(request, type);
  binding.metadata ??= {};
  if (binding.metadata.name !== info.name)
    throw badRequest("name in URL does not match name in Binding object");
  const { kind: target = "", name: node = "" } = binding.target ?? {};
  // Upstream tells these as errors of its own.
  const wrong = [
    ...(target === "" || target === "Node"
      ? []
      : [`target.kind: Unsupported value: ${JSON.stringify(target)}: supported values: "Node", "<empty>"`]),
    ...(node === "" ? ["target.name: Required value"] : []),
  ];
  if (wrong.length > 0) throw unnamedError(wrong.length > 1 ? `[${wrong.join(", ")}]` : wrong[0]!);
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
};

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
