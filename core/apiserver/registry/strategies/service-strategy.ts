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
      // A second attempt under another generated name keeps what the first one took.
      await addresses.take(service, context.dryRun);
      await ports.take(service, undefined, context.dryRun);
    },
    async prepareForUpdate(service, old, context) {
      if (context.subresource !== "") return;
      keepAddress(service, old);
      dropFieldsOfOldType(service, old);
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

/** Who changes the type alone does not mean to keep what only the old type could have. */
function dropFieldsOfOldType({ spec = {} }: Draft, { spec: before = {} }: Draft): void {
  if (spec["type"] === before["type"] || spec["type"] === "LoadBalancer") return;
  const gone = spec["type"] === "NodePort" ? ofLoadBalancers : ["externalTrafficPolicy", ...ofLoadBalancers];
  for (const field of gone) if (spec[field] === before[field]) delete spec[field];
}

/** An update that does not mention the address keeps it; one that names another is refused. */
function keepAddress(service: Draft, old: Draft): void {
  const spec = (service.spec ??= {});
  const before = old.spec ?? {};
  if (spec["type"] === "ExternalName") return;
  for (const field of ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"])
    if (spec[field] === undefined && before[field] !== undefined) spec[field] = before[field];
  const had = before["clusterIP"];
  if (
    typeof had === "string" &&
    had !== "" &&
    spec["clusterIP"] !== had &&
    before["type"] !== "ExternalName"
  ) {
    const message = `Invalid value: ${JSON.stringify(spec["clusterIP"])}: field is immutable`;
    throw invalid(kind, service.metadata.name ?? "", [
      { reason: "FieldValueInvalid", field: "spec.clusterIPs[0]", message },
    ]);
  }
}
