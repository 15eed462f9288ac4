import { addQuantities, compareQuantities } from "../../api/index.ts";
import type { WatchCache } from "../cache/watch-cache.ts";
import type { Draft } from "../registry/object-meta.ts";
import { forbidden } from "../request/status-error.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.ts";

type Resources = Record<string, string>;

interface LimitItem {
  type: string;
  max?: Resources;
  min?: Resources;
  default?: Resources;
  defaultRequest?: Resources;
}

interface Container {
  name: string;
  resources?: { limits?: Resources; requests?: Resources };
}

/** Fills in and checks what the namespace's LimitRanges say about containers, pods and claims. */
export function limitRanger(cache: WatchCache): AdmissionPlugin {
  const ranges = cache.kind("/core/limitranges/");
  const itemsOf = (namespace: string): LimitItem[] =>
    [...ranges.objects(namespace)].flatMap(
      (cached) => (cached.object<Draft>().spec?.["limits"] as LimitItem[] | undefined) ?? [],
    );
  return {
    name: "LimitRanger",
    mutate(request) {
      if (!isNewPod(request)) return;
      const containers = containersOf(request.object!);
      for (const item of itemsOf(request.namespace))
        if (item.type === "Container") for (const one of containers) fill(one, item);
    },
    validate(request) {
      const { operation, kind, name, namespace, object } = request;
      if (isNewPod(request)) {
        const containers = containersOf(object!);
        for (const item of itemsOf(namespace)) {
          const problem =
            item.type === "Container" ? checkEach(containers, item) : checkPod(containers, item);
          if (problem) throw forbidden(kind, name, problem);
        }
      } else if (operation === "CREATE" && kind.group === "" && kind.kind === "PersistentVolumeClaim") {
        const resources = object?.spec?.["resources"] as Container["resources"];
        for (const item of itemsOf(namespace).filter((one) => one.type === "PersistentVolumeClaim")) {
          const problem = check(
            "PersistentVolumeClaim",
            item,
            resources?.requests ?? {},
            resources?.requests ?? {},
          );
          if (problem) throw forbidden(kind, name, problem);
        }
      }
    },
  };
}

function isNewPod({ operation, kind, subresource }: AdmissionRequest): boolean {
  return operation === "CREATE" && kind.group === "" && kind.kind === "Pod" && subresource === "";
}

function containersOf({ spec = {} }: Draft): Container[] {
  return [
    ...((spec["initContainers"] as Container[] | undefined) ?? []),
    ...((spec["containers"] as Container[] | undefined) ?? []),
  ];
}

function fill(container: Container, item: LimitItem): void {
  if (!item.default && !item.defaultRequest) return;
  const resources = (container.resources ??= {});
  // A limit that was asked for is a better request than the range's default.
  const requests = { ...item.defaultRequest, ...resources.limits, ...resources.requests };
  const limits = { ...item.default, ...resources.limits };
  if (Object.keys(requests).length > 0) resources.requests = requests;
  if (Object.keys(limits).length > 0) resources.limits = limits;
}

function checkEach(containers: Container[], item: LimitItem): string | undefined {
  for (const { resources = {} } of containers) {
    const problem = check("Container", item, resources.requests ?? {}, resources.limits ?? {});
    if (problem) return problem;
  }
  return undefined;
}

function checkPod(containers: Container[], item: LimitItem): string | undefined {
  if (item.type !== "Pod") return undefined;
  const sum = (part: "limits" | "requests"): Resources => {
    const total: Resources = {};
    for (const { resources } of containers)
      for (const [name, value] of Object.entries(resources?.[part] ?? {}))
        total[name] = total[name] === undefined ? value : addQuantities(total[name], value);
    return total;
  };
  return check("Pod", item, sum("requests"), sum("limits"));
}

function check(type: string, item: LimitItem, requests: Resources, limits: Resources): string | undefined {
  for (const [name, most] of Object.entries(item.max ?? {})) {
    const limit = limits[name];
    if (limit === undefined) return `maximum ${name} usage per ${type} is ${most}.  No limit is specified`;
    if (compareQuantities(limit, most) > 0)
      return `maximum ${name} usage per ${type} is ${most}, but limit is ${limit}`;
  }
  for (const [name, least] of Object.entries(item.min ?? {})) {
    const request = requests[name];
    if (request === undefined)
      return `minimum ${name} usage per ${type} is ${least}.  No request is specified`;
    if (compareQuantities(request, least) < 0)
      return `minimum ${name} usage per ${type} is ${least}, but request is ${request}`;
  }
  return undefined;
}
