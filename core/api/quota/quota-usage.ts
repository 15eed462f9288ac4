import type { Container, Pod, PersistentVolumeClaim, Service } from "../generated/types.ts";
import type { JsonObject } from "../json/json-value.ts";
import { addQuantities } from "../quantity/quantity.ts";
import { podAmounts } from "../scheduling/pod-amounts.ts";

/** Amounts by the names that `spec.hard` of a ResourceQuota uses: `pods`, `requests.cpu`, `count/deployments.apps`. */
export type Usage = Map<string, string>;

/** What an object is, as far as quota is concerned. */
export interface QuotaSubject {
  readonly group: string;
  readonly resource: string;
}

/** Core kinds whose number has a name of its own besides `count/…`. */
const plainCounts: ReadonlySet<string> = new Set([
  "configmaps",
  "secrets",
  "replicationcontrollers",
  "resourcequotas",
  "services",
  "persistentvolumeclaims",
]);

/** `count/pods`, `count/deployments.apps`. */
export function countName({ group, resource }: QuotaSubject): string {
  return `count/${resource}${group === "" ? "" : `.${group}`}`;
}

/** Everything that one object uses up. */
export function usageOf(subject: QuotaSubject, object: JsonObject): Usage {
  const usage: Usage = new Map([[countName(subject), "1"]]);
  if (subject.group !== "") return usage;
  if (plainCounts.has(subject.resource)) usage.set(subject.resource, "1");
  if (subject.resource === "pods") addPod(usage, object as unknown as Pod);
  else if (subject.resource === "services") addService(usage, object as unknown as Service);
  else if (subject.resource === "persistentvolumeclaims")
    addClaim(usage, object as unknown as PersistentVolumeClaim);
  return usage;
}

/** A pod that has ended occupies nothing; only its object still counts. */
function addPod(usage: Usage, { spec, status }: Pod): void {
  if (!spec || status?.phase === "Succeeded" || status?.phase === "Failed") return;
  usage.set("pods", "1");
  for (const [name, amount] of podAmounts(spec, "requests")) {
    usage.set(`requests.${name}`, amount);
    if (shortNames.has(name) || name.startsWith("hugepages-")) usage.set(name, amount);
  }
  for (const [name, amount] of podAmounts(spec, "limits"))
    if (shortNames.has(name) || name.startsWith("hugepages-")) usage.set(`limits.${name}`, amount);
}

const shortNames: ReadonlySet<string> = new Set(["cpu", "memory", "ephemeral-storage"]);

function addService(usage: Usage, { spec }: Service): void {
  const ports = String(spec?.ports?.length ?? 0);
  if (spec?.type === "NodePort") usage.set("services.nodeports", ports);
  if (spec?.type !== "LoadBalancer") return;
  usage.set("services.loadbalancers", "1");
  if (spec.allocateLoadBalancerNodePorts !== false) usage.set("services.nodeports", ports);
}

function addClaim(usage: Usage, { spec }: PersistentVolumeClaim): void {
  const storage = spec?.resources?.requests?.["storage"];
  const ofClass = spec?.storageClassName
    ? `${spec.storageClassName}.storageclass.storage.k8s.io/`
    : undefined;
  if (ofClass) usage.set(`${ofClass}persistentvolumeclaims`, "1");
  if (storage === undefined) return;
  usage.set("requests.storage", storage);
  if (ofClass) usage.set(`${ofClass}requests.storage`, storage);
}

/** The kinds of objects that have to be looked at for these hard amounts. */
export function quotaSubjects(hard: Iterable<string>): QuotaSubject[] {
  const subjects = new Map<string, QuotaSubject>();
  for (const name of hard) {
    const subject = subjectOf(name);
    subjects.set(countName(subject), subject);
  }
  return [...subjects.values()];
}

function subjectOf(name: string): QuotaSubject {
  const counted = /^count\/([^.]+)(?:\.(.+))?$/.exec(name);
  if (counted) return { resource: counted[1]!, group: counted[2] ?? "" };
  if (plainCounts.has(name)) return { group: "", resource: name };
  if (name.startsWith("services.")) return { group: "", resource: "services" };
  const isStorage = name === "requests.storage" || name.includes(".storageclass.storage.k8s.io/");
  return { group: "", resource: isStorage ? "persistentvolumeclaims" : "pods" };
}

export function addUsage(total: Usage, more: ReadonlyMap<string, string>): void {
  for (const [name, amount] of more) total.set(name, addQuantities(total.get(name) ?? "0", amount));
}

const perContainer = ["cpu", "memory"] as const;

/**
 * `requests.cpu for: main,side; limits.memory for: main`: what a pod's containers leave open though a quota bounds it; "" when
 * nothing is missing.
 */
export function missingAmounts({ spec }: Pod, hard: Iterable<string>): string {
  const bounded = new Set(hard);
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  const names = perContainer.flatMap((name) => [name, `requests.${name}`, `limits.${name}`]);
  const missing = names
    .filter((name) => bounded.has(name))
    .sort()
    .map((name) => ({ name, without: containers.filter((one) => !says(one, name)).map((one) => one.name) }))
    .filter(({ without }) => without.length > 0);
  return missing.map(({ name, without }) => `${name} for: ${without.toSorted().join(",")}`).join("; ");
}

function says({ resources }: Container, name: string): boolean {
  const [part, plain] = name.includes(".") ? name.split(".", 2) : ["requests", name];
  return resources?.[part as "requests" | "limits"]?.[plain!] !== undefined;
}
