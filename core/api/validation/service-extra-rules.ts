import type {
  Endpoint,
  DiscoveryEndpointPort,
  EndpointAddress,
  EndpointPort,
  EndpointSlice,
  EndpointSubset,
  ServiceSpec,
} from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import { canonicalIpRule, cidrRule, ipRule, isIpv4, isIpv6 } from "../names/ip-rules.ts";
import { dnsLabelRule, dnsSubdomainRule, qualifiedNameRule } from "../names/name-rules.ts";
import { rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import { checkName, checkPort, checkUnique } from "./checks.ts";

const mostEndpoints = 1000;
const mostAddresses = 100;
const mostPorts = 20_000;
const distributions = ["PreferClose", "PreferSameZone", "PreferSameNode"];

/** Members that only some types of Service have. */
const service: TypeRule = rule<ServiceSpec>((spec, at, errors) => {
  const balanced = spec.type === "LoadBalancer";
  const external = balanced || spec.type === "NodePort" || (spec.externalIPs ?? []).length > 0;
  const only = "may only be used when `type` is 'LoadBalancer'";
  if (spec.externalTrafficPolicy && !external) {
    const sentence = "may only be set for externally-accessible services";
    errors.invalid(at.child("externalTrafficPolicy"), spec.externalTrafficPolicy, sentence);
  }
  if (spec.healthCheckNodePort && !(balanced && spec.externalTrafficPolicy === "Local")) {
    errors.invalid(
      at.child("healthCheckNodePort"),
      spec.healthCheckNodePort,
      "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
    );
  }
  if (!balanced) {
    if (spec.loadBalancerSourceRanges?.length) errors.forbidden(at.child("LoadBalancerSourceRanges"), only);
    if (spec.loadBalancerClass !== undefined) errors.forbidden(at.child("loadBalancerClass"), only);
    if (spec.allocateLoadBalancerNodePorts !== undefined)
      errors.forbidden(at.child("allocateLoadBalancerNodePorts"), only);
  }
  for (const [index, range] of (spec.loadBalancerSourceRanges ?? []).entries())
    checkName(range.trim(), cidrRule, at.child("LoadBalancerSourceRanges").at(index), errors);
  checkName(spec.loadBalancerClass, qualifiedNameRule, at.child("loadBalancerClass"), errors);
  if (spec.trafficDistribution !== undefined && !distributions.includes(spec.trafficDistribution))
    errors.notSupported(at.child("trafficDistribution"), spec.trafficDistribution, distributions);
  for (const [index, { appProtocol }] of (spec.ports ?? []).entries())
    checkName(appProtocol, qualifiedNameRule, at.child("ports").at(index).child("appProtocol"), errors);
  for (const [index, address] of (spec.externalIPs ?? []).entries())
    checkExternalIp(address, at.child("externalIPs").at(index), errors);
});

function checkExternalIp(address: string, at: FieldPath, errors: FieldErrors): void {
  checkName(address, ipRule, at, errors);
  checkEndpointIp(address, at, errors);
}

/** Addresses that mean something else on every machine are no endpoints. */
function checkEndpointIp(address: string | undefined, at: FieldPath, errors: FieldErrors): void {
  if (!address || ipRule(address).length > 0) return;
  if (address === "0.0.0.0" || address === "::")
    errors.invalid(at, address, `may not be unspecified (${address})`);
  else if (address.startsWith("127.") || address === "::1")
    errors.invalid(at, address, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
  else if (address.startsWith("169.254.") || /^fe[89ab]/i.test(address))
    errors.invalid(at, address, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
  else if (address.startsWith("224.0.0.") || /^ff02:/i.test(address))
    errors.invalid(at, address, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
}

const endpointAddress: TypeRule = rule<EndpointAddress>(({ ip, hostname, nodeName }, at, errors) => {
  checkName(ip, ipRule, at.child("ip"), errors);
  checkEndpointIp(ip, at.child("ip"), errors);
  checkName(hostname, dnsLabelRule, at.child("hostname"), errors);
  checkName(nodeName, dnsSubdomainRule, at.child("nodeName"), errors);
});

const subset: TypeRule = rule<EndpointSubset>(({ addresses = [], notReadyAddresses = [] }, at, errors) => {
  if (addresses.length + notReadyAddresses.length === 0)
    errors.required(at, "must specify `addresses` or `notReadyAddresses`");
});

const protocols = ["SCTP", "TCP", "UDP"];

function checkProtocol(protocol: string | undefined, at: FieldPath, errors: FieldErrors): void {
  if (protocol && !protocols.includes(protocol))
    errors.notSupported(at.child("protocol"), protocol, protocols);
}

const endpointPort: TypeRule = rule<EndpointPort>(({ name, port, protocol, appProtocol }, at, errors) => {
  checkName(name, dnsLabelRule, at.child("name"), errors);
  checkPort(port ?? 0, at.child("port"), errors);
  checkProtocol(protocol, at, errors);
  checkName(appProtocol, qualifiedNameRule, at.child("appProtocol"), errors);
});

const slice: TypeRule = rule<EndpointSlice>(({ addressType, ...lists }, at, errors) => {
  const endpoints = lists.endpoints ?? [];
  const ports = lists.ports ?? [];
  if (endpoints.length > mostEndpoints)
    errors.tooMany(at.child("endpoints"), endpoints.length, mostEndpoints);
  if (ports.length > mostPorts) errors.tooMany(at.child("ports"), ports.length, mostPorts);
  // A name is the key even when it is empty.
  for (const [index, { name = "" }] of ports.entries())
    if (ports.findIndex((one) => (one.name ?? "") === name) < index)
      errors.duplicate(at.child("ports").at(index).child("name"), name);
  for (const [index, { addresses }] of endpoints.entries()) {
    for (const [position, address] of (addresses ?? []).entries()) {
      const here = at.child("endpoints").at(index).child("addresses");
      checkSliceAddress(address, addressType, here, here.at(position), errors);
    }
  }
});

/** Of the wrong family is told of the whole list. */
function checkSliceAddress(
  address: string,
  type: string,
  list: FieldPath,
  at: FieldPath,
  errors: FieldErrors,
): void {
  if (type === "FQDN") return checkName(address, dnsSubdomainRule, at, errors);
  if (canonicalIpRule(address).length > 0) return checkName(address, canonicalIpRule, at, errors);
  const fits = type === "IPv6" ? isIpv6(address) : isIpv4(address);
  if (!fits) errors.invalid(list, address, `must be an ${type} address`);
  else checkEndpointIp(address, at, errors);
}

const endpoint: TypeRule = rule<Endpoint>((one, at, errors) => {
  if ((one.addresses ?? []).length > mostAddresses)
    errors.tooMany(at.child("addresses"), one.addresses.length, mostAddresses);
  checkName(one.nodeName, dnsSubdomainRule, at.child("nodeName"), errors);
  checkName(one.hostname, dnsLabelRule, at.child("hostname"), errors);
  for (const member of ["forZones", "forNodes"] as const)
    checkUnique(one.hints?.[member], ({ name }) => name, at.child("hints", member), errors, "name");
});

const slicePort: TypeRule = rule<DiscoveryEndpointPort>(({ name, protocol, appProtocol }, at, errors) => {
  checkName(name, dnsLabelRule, at.child("name"), errors);
  checkProtocol(protocol, at, errors);
  checkName(appProtocol, qualifiedNameRule, at.child("appProtocol"), errors);
});

export const serviceExtraRules: TypeRules = {
  "core.v1.ServiceSpec": service,
  "core.v1.EndpointAddress": endpointAddress,
  "core.v1.EndpointSubset": subset,
  "core.v1.EndpointPort": endpointPort,
  "discovery.v1.EndpointSlice": slice,
  "discovery.v1.Endpoint": endpoint,
  "discovery.v1.EndpointPort": slicePort,
};
