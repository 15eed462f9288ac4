import { addQuantities, compareQuantities, ownMember, parseQuantity } from "../../api/index.ts";
import type { WatchCache } from "../cache/watch-cache.ts";
import type { Draft } from "../registry/object-meta.ts";
import { forbidden } from "../request/status-error.ts";
import type { AdmissionPlugin, AdmissionRequest } from "./admission.ts";

type Resources = Readonly<Record<string, string>>;

interface LimitItem {
  readonly type: string;
  readonly max?: Resources;
  readonly min?: Resources;
  readonly default?: Resources;
  readonly defaultRequest?: Resources;
  readonly maxLimitRequestRatio?: Resources;
}

interface Container {
  name: string;
  restartPolicy?: string;
  resources?: { limits?: Resources; requests?: Resources };
}

const annotation = "kubernetes.io/limit-ranger";

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
      const { namespace, object } = request;
      if (!isNewPod(request) || ranges.count(namespace) === 0) return;
      const items = itemsOf(namespace).filter(({ type }) => type === "Container");
      const filled = [
        ...mainContainers(object!).flatMap((one) => fill(one, "container", items)),
        ...initContainers(object!).flatMap((one) => fill(one, "init container", items)),
      ];
      if (filled.length > 0) {
        const annotations = (object!.metadata.annotations ??= {});
        annotations[annotation] = `LimitRanger plugin set: ${filled.join("; ")}`;
      }
    },
    validate(request) {
      const { kind, name, namespace, object } = request;
      if (ranges.count(namespace) === 0) return;
      const problems = isNewPod(request)
        ? itemsOf(namespace).flatMap((item) => podProblems(object!, item))
        : isClaimWrite(request)
          ? itemsOf(namespace).flatMap((item) => claimProblems(object!, item))
          : [];
      if (problems.length === 0) return;
      const why = problems.length === 1 ? problems[0]! : `[${problems.join(", ")}]`;
      throw forbidden(kind, object?.metadata.name ?? name, why);
    },
  };
}

function isNewPod({ operation, kind, subresource }: AdmissionRequest): boolean {
  return operation === "CREATE" && kind.group === "" && kind.kind === "Pod" && subresource === "";
}

function isClaimWrite({ operation, kind, subresource }: AdmissionRequest): boolean {
  const isWrite = operation === "CREATE" || operation === "UPDATE";
  return isWrite && kind.group === "" && kind.kind === "PersistentVolumeClaim" && subresource === "";
}

function initContainers({ spec = {} }: Draft): Container[] {
  return (spec["initContainers"] as Container[] | undefined) ?? [];
}

function mainContainers({ spec = {} }: Draft): Container[] {
  return (spec["containers"] as Container[] | undefined) ?? [];
}

/** `cpu, memory request for container web`: what was filled in. */
function fill(container: Container, called: string, items: readonly LimitItem[]): string[] {
  const filled = { request: new Set<string>(), limit: new Set<string>() };
  for (const item of items) {
    const { limits = {}, requests = {} } = container.resources ?? {};
    // A limit that was asked for is a better request than the range's default.
    const newRequests = { ...item.defaultRequest, ...limits, ...requests };
    const newLimits = { ...item.default, ...limits };
    for (const name of Object.keys(item.defaultRequest ?? {}))
      if ((ownMember(requests, name) ?? ownMember(limits, name)) === undefined) filled.request.add(name);
    for (const name of Object.keys(item.default ?? {}))
      if (ownMember(limits, name) === undefined) filled.limit.add(name);
    if (Object.keys(newRequests).length > 0)
      container.resources = { ...container.resources, requests: newRequests };
    if (Object.keys(newLimits).length > 0)
      container.resources = { ...container.resources, limits: newLimits };
  }
  return Object.entries(filled)
    .filter(([, names]) => names.size > 0)
    .map(([what, names]) => `${[...names].toSorted().join(", ")} ${what} for ${called} ${container.name}`);
}

function podProblems(pod: Draft, item: LimitItem): string[] {
  if (item.type === "Container") {
    const containers = [...mainContainers(pod), ...initContainers(pod)];
    return containers.flatMap(({ resources = {} }) =>
      problemsOf("Container", item, resources.requests ?? {}, resources.limits ?? {}),
    );
  }
  if (item.type !== "Pod") return [];
  return problemsOf("Pod", item, podSum(pod, "requests"), podSum(pod, "limits"));
}

function claimProblems({ spec = {} }: Draft, item: LimitItem): string[] {
  if (item.type !== "PersistentVolumeClaim") return [];
  const { requests = {} } = (spec["resources"] as Container["resources"]) ?? {};
  return problemsOf("PersistentVolumeClaim", item, requests, {});
}

/** Containers together, or the greatest init container if it needs more. */
function podSum(pod: Draft, part: "limits" | "requests"): Resources {
  const total = new Map<string, string>();
  const all = [
    ...mainContainers(pod),
    ...initContainers(pod).filter((one) => one.restartPolicy === "Always"),
  ];
  for (const { resources } of all)
    for (const [name, value] of Object.entries(resources?.[part] ?? {}))
      total.set(name, addQuantities(total.get(name) ?? "0", value));
  for (const { resources } of initContainers(pod))
    for (const [name, value] of Object.entries(resources?.[part] ?? {}))
      if (!total.has(name) || compareQuantities(value, total.get(name)!) > 0) total.set(name, value);
  return Object.fromEntries(total);
}

/** In the words that users look for, two spaces and all. */
function problemsOf(type: string, item: LimitItem, requests: Resources, limits: Resources): string[] {
  const problems: string[] = [];
  for (const [name, least] of Object.entries(item.min ?? {})) {
    const [request, limit] = [ownMember(requests, name), ownMember(limits, name)];
    const start = `minimum ${name} usage per ${type} is ${least}`;
    if (request === undefined) problems.push(`${start}.  No request is specified`);
    else if (compareQuantities(request, least) < 0) problems.push(`${start}, but request is ${request}`);
    if (limit !== undefined && compareQuantities(limit, least) < 0)
      problems.push(`${start}, but limit is ${limit}`);
  }
  for (const [name, most] of Object.entries(item.max ?? {})) {
    const [request, limit] = [ownMember(requests, name), ownMember(limits, name)];
    const start = `maximum ${name} usage per ${type} is ${most}`;
    // A claim has no limit: its request is what it gets.
    if (limit === undefined && type !== "PersistentVolumeClaim")
      problems.push(`${start}.  No limit is specified`);
    else if (limit !== undefined && compareQuantities(limit, most) > 0)
      problems.push(`${start}, but limit is ${limit}`);
    else if (request !== undefined && compareQuantities(request, most) > 0)
      problems.push(`${start}, but request is ${request}`);
  }
  for (const [name, most] of Object.entries(item.maxLimitRequestRatio ?? {}))
    problems.push(...ratioProblems(name, most, type, ownMember(requests, name), ownMember(limits, name)));
  return problems;
}

function ratioProblems(
  name: string,
  most: string,
  type: string,
  request: string | undefined,
  limit: string | undefined,
): string[] {
  const start = `${name} max limit to request ratio per ${type} is ${most}`;
  const [asked, bound] = [amount(request), amount(limit)];
  if (asked === 0) return [`${start}, but no request is specified or request is 0`];
  if (bound === 0) return [`${start}, but no limit is specified or limit is 0`];
  const ratio = bound / asked;
  return ratio > amount(most) ? [`${start}, but provided ratio is ${ratio.toFixed(6)}`] : [];
}

function amount(quantity: string | undefined): number {
  return quantity === undefined ? 0 : Number(parseQuantity(quantity)?.nanos ?? 0n) / 1e9;
}
