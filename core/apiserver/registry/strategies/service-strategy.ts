import { deepEqual, type JsonObject } from "../../../api/index.ts";
import type { Draft } from "../object-meta.ts";
import type { Strategy } from "../strategy.ts";
import { invalid } from "../../request/status-error.ts";
import type { ServiceAddresses } from "../../service-addresses/service-addresses.ts";
import type { ServicePorts } from "../../service-addresses/service-ports.ts";

const kind = { group: "", resource: "services", kind: "Service" };

/** Cluster addresses and node ports are taken before a Service is stored and given back when it leaves. */
export function serviceStrategy(addresses: ServiceAddresses, ports: ServicePorts): Strategy {
  return {
    async prepareForCreate(service, context) {
      service.status = { loadBalancer: {} };
      pairAddresses(service);
      // A second attempt under another generated name keeps what the first one took.
      await addresses.take(service, context.dryRun);
      await ports.take(service, undefined, context.dryRun);
    },
    async prepareForUpdate(service, old, context) {
      if (context.subresource !== "") return;
      dropFieldsOfOldType(service, old);
      keepAddress(service, old);
      checkClass(service, old);
      // Without a balancer there is nothing that it could have told.
      if (service.spec?.["type"] !== "LoadBalancer" && old.spec?.["type"] === "LoadBalancer")
        service.status = { ...service.status, loadBalancer: {} };
      await addresses.take(service, context.dryRun);
      await ports.take(service, old, context.dryRun);
    },
    async abandonCreate(service) {
      await addresses.giveBack(service);
      await ports.giveBack(service);
    },
    async deleted(service) {
      await addresses.giveBack(service);
      await ports.giveBack(service);
    },
  };
}

const ofLoadBalancers = ["allocateLoadBalancerNodePorts", "loadBalancerClass", "healthCheckNodePort"];
const ofAddresses = ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"];

/** Who changes the type alone does not mean to keep what only the old type could have. */
function dropFieldsOfOldType({ spec = {} }: Draft, { spec: before = {} }: Draft): void {
  if (spec["type"] === before["type"] || spec["type"] === "LoadBalancer") return;
  const isPlain = spec["type"] !== "NodePort";
  const gone = [
    ...ofLoadBalancers,
    ...(isPlain ? ["externalTrafficPolicy"] : []),
    ...(spec["type"] === "ExternalName" ? ["internalTrafficPolicy", ...ofAddresses] : []),
  ];
  for (const field of gone) if (deepEqual(spec[field], before[field])) delete spec[field];
  if (!isPlain) return;
  const ports = (one: JsonObject): JsonObject[] => (one["ports"] as JsonObject[] | undefined) ?? [];
  const had = ports(before).map(({ nodePort }) => nodePort);
  for (const port of ports(spec)) if (had.includes(port["nodePort"])) delete port["nodePort"];
}

/** Clients that know only of one address write it alone. */
function pairAddresses({ spec }: Draft): void {
  const address = spec?.["clusterIP"];
  if (typeof address === "string" && address !== "" && !spec!["clusterIPs"]) spec!["clusterIPs"] = [address];
}

/** An update that does not mention the address keeps it; one that changes a member changes both. */
function keepAddress(service: Draft, old: Draft): void {
  const spec = (service.spec ??= {});
  const before = old.spec ?? {};
  if (spec["type"] === "ExternalName") return;
  if (before["type"] !== "ExternalName")
    for (const field of ofAddresses)
      if (spec[field] === undefined && before[field] !== undefined) spec[field] = before[field];
  const isAlone = deepEqual(spec["clusterIPs"], before["clusterIPs"]);
  if (isAlone && spec["clusterIP"] !== before["clusterIP"] && spec["clusterIP"])
    spec["clusterIPs"] = [spec["clusterIP"]];
  const had = before["clusterIP"];
  if (!had || before["type"] === "ExternalName" || spec["clusterIP"] === had) return;
  throw refusal(service, "spec.clusterIPs[0]", spec["clusterIPs"], "may not change once set");
}

/** A balancer belongs to the controller of its class for as long as it is one. */
function checkClass(service: Draft, old: Draft): void {
  const isBalanced = ({ spec }: Draft): boolean => spec?.["type"] === "LoadBalancer";
  const [after, before] = [service, old].map(({ spec }) => spec?.["loadBalancerClass"]);
  if (isBalanced(service) && isBalanced(old) && after !== before)
    throw refusal(service, "spec.loadBalancerClass", after ?? null, "may not change once set");
}

function refusal(service: Draft, field: string, value: unknown, why: string): Error {
  const message = `Invalid value: ${JSON.stringify(value)}: ${why}`;
  return invalid(kind, service.metadata.name ?? "", [{ reason: "FieldValueInvalid", field, message }]);
}
