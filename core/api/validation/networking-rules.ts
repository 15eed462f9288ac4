import type {
  HTTPIngressPath,
  IngressBackend,
  IngressClass,
  IngressClassParametersReference,
  IngressRule,
  IngressSpec,
  IPBlock,
  NetworkPolicyPeer,
  NetworkPolicySpec,
  ParentReference,
  ServiceCIDRSpec,
} from "../generated/types.ts";
import { FieldPath } from "../errors/field-path.ts";
import { canonicalCidrRule, cidrContains, cidrRule, ipRule } from "../names/ip-rules.ts";
import {
  dnsLabelRule,
  dnsSubdomainRule,
  pathSegmentRule,
  portNameRule,
  wildcardRule,
} from "../names/name-rules.ts";
import { rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import { checkName, checkPort } from "./checks.ts";

const longestController = 250;
const directions = ["Ingress", "Egress"];
const forbiddenInPath = ["//", "/./", "/../", "%2f", "%2F"];
const forbiddenAtEnd = ["/..", "/."];

const policy: TypeRule = rule<NetworkPolicySpec>(({ policyTypes = [] }, at, errors) => {
  const here = at.child("policyTypes");
  if (policyTypes.length > 2)
    return errors.invalid(here, policyTypes, "may not specify more than two policyTypes");
  for (const [index, type] of policyTypes.entries())
    if (!directions.includes(type)) errors.notSupported(here.at(index), type, directions);
});

const peer: TypeRule = rule<NetworkPolicyPeer>(({ ipBlock, namespaceSelector, podSelector }, at, errors) => {
  if (!ipBlock && !namespaceSelector && !podSelector) errors.required(at, "must specify a peer");
  if (ipBlock && (namespaceSelector ?? podSelector))
    errors.forbidden(at, "may not specify both ipBlock and another peer");
});

const ipBlock: TypeRule = rule<IPBlock>(({ cidr, except = [] }, at, errors) => {
  if (!cidr || cidrRule(cidr).length > 0) return;
  for (const [index, one] of except.entries()) {
    if (cidrRule(one).length > 0) continue;
    if (one === cidr || !cidrContains(cidr, one))
      errors.invalid(at.child("except").at(index), one, "must be a strict subset of `cidr`");
  }
});

const ingress: TypeRule = rule<IngressSpec>(({ ingressClassName, tls = [] }, at, errors) => {
  if (ingressClassName !== undefined)
    for (const wrong of dnsSubdomainRule(ingressClassName))
      errors.invalid(at.child("ingressClassName"), ingressClassName, wrong);
  for (const [index, { hosts = [], secretName }] of tls.entries()) {
    const here = at.child("tls").at(index);
    for (const [position, host] of hosts.entries())
      checkName(host, hostRule, here.child("hosts").at(position), errors);
    checkName(secretName, dnsSubdomainRule, here.child("secretName"), errors);
  }
});

const ingressRule: TypeRule = rule<IngressRule>(({ host }, at, errors) => {
  if (!host) return;
  if (ipRule(host).length === 0)
    errors.invalid(at.child("host"), host, "must be a DNS name, not an IP address");
  else checkName(host, hostRule, at.child("host"), errors);
});

/** A DNS name whose first label may be a star. */
function hostRule(host: string): readonly string[] {
  if (!host.includes("*")) return dnsSubdomainRule(host);
  return wildcardRule(host);
}

const ingressPath: TypeRule = rule<HTTPIngressPath>(({ path = "", pathType }, at, errors) => {
  if (pathType !== "Exact" && pathType !== "Prefix") return;
  for (const sequence of forbiddenInPath)
    if (path.includes(sequence)) errors.invalid(at.child("path"), path, `must not contain '${sequence}'`);
  for (const sequence of forbiddenAtEnd)
    if (path.endsWith(sequence)) errors.invalid(at.child("path"), path, `cannot end with '${sequence}'`);
});

const backend: TypeRule = rule<IngressBackend>(({ service }, at, errors) => {
  if (!service) return;
  checkName(service.name, dnsLabelRule, at.child("service", "name"), errors);
  if (service.port?.name && service.port.number)
    errors.invalid(at, "", "cannot set both port name & port number");
  else if (service.port?.name)
    checkName(service.port.name, portNameRule, at.child("service", "port", "name"), errors);
  if (service.port?.number) checkPort(service.port.number, at.child("service", "port", "number"), errors);
});

const ingressClass: TypeRule = rule<IngressClass>(({ spec }, _, errors) => {
  const at = FieldPath.of("spec", "controller");
  const controller = spec?.controller ?? "";
  if (controller === "") errors.required(at);
  else if (controller.length > longestController) errors.tooLong(at, longestController);
  else if (!controller.includes("/"))
    errors.invalid(at, controller, 'must be a domain-prefixed path (such as "acme.io/foo")');
  else checkName(controller.split("/", 1)[0], dnsSubdomainRule, at, errors);
  const parameters = spec?.parameters;
  const here = FieldPath.of("spec", "parameters");
  if (parameters?.scope === "Namespace" && !parameters.namespace)
    errors.required(here.child("namespace"), "`parameters.scope` is set to 'Namespace'");
  if (parameters?.scope === "Cluster" && parameters.namespace !== undefined)
    errors.forbidden(here.child("namespace"), "`parameters.scope` is set to 'Cluster'");
});

const parameters: TypeRule = rule<IngressClassParametersReference>((reference, at, errors) => {
  const { apiGroup, kind, name, scope, namespace } = reference;
  checkName(apiGroup, dnsSubdomainRule, at.child("apiGroup"), errors);
  checkName(kind, pathSegmentRule, at.child("kind"), errors);
  checkName(name, pathSegmentRule, at.child("name"), errors);
  if (scope && scope !== "Cluster" && scope !== "Namespace")
    errors.notSupported(at.child("scope"), scope, ["Cluster", "Namespace"]);
  if (scope === "Namespace") checkName(namespace, dnsLabelRule, at.child("namespace"), errors);
});

const serviceCidr: TypeRule = rule<ServiceCIDRSpec>(({ cidrs = [] }, at, errors) => {
  if (cidrs.length === 0) errors.required(at.child("cidrs"), "at least one CIDR required");
  if (cidrs.length > 2) errors.invalid(at.child("cidrs"), { CIDRs: cidrs }, "may only hold up to 2 values");
  for (const [index, cidr] of cidrs.entries())
    checkName(cidr, canonicalCidrRule, at.child("cidrs").at(index), errors);
  const isTwice = cidrs.length === 2 && new Set(cidrs.map((cidr) => cidr.includes(":"))).size === 1;
  if (isTwice)
    errors.invalid(
      at.child("cidrs"),
      cidrs,
      "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64",
    );
});

const parent: TypeRule = rule<ParentReference>(({ group, resource, name, namespace }, at, errors) => {
  checkName(group, dnsSubdomainRule, at.child("group"), errors);
  checkName(resource, pathSegmentRule, at.child("resource"), errors);
  checkName(name, pathSegmentRule, at.child("name"), errors);
  checkName(namespace, pathSegmentRule, at.child("namespace"), errors);
});

export const networkingRules: TypeRules = {
  "networking.v1.NetworkPolicySpec": policy,
  "networking.v1.NetworkPolicyPeer": peer,
  "networking.v1.IPBlock": ipBlock,
  "networking.v1.IngressSpec": ingress,
  "networking.v1.IngressRule": ingressRule,
  "networking.v1.HTTPIngressPath": ingressPath,
  "networking.v1.IngressBackend": backend,
  "networking.v1.IngressClass": ingressClass,
  "networking.v1.ServiceCIDRSpec": serviceCidr,
  "networking.v1.ParentReference": parent,
  "core.v1.LoadBalancerIngress": rule<{ ip?: string }>(({ ip }, at, errors) =>
    checkName(ip, ipRule, at.child("ip"), errors),
  ),
  "networking.v1.IngressClassParametersReference": parameters,
};
