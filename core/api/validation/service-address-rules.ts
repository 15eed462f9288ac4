import type { ServiceSpec } from "../generated/types.ts";
import { FieldErrors } from "../errors/field-error.ts";
import { FieldPath } from "../errors/field-path.ts";
import { ipRule, isIpv4, isIpv6 } from "../names/ip-rules.ts";
import { checkName } from "./checks.ts";

const at = FieldPath.of("spec");
const families = ["IPv4", "IPv6"];
const policies = ["PreferDualStack", "RequireDualStack", "SingleStack"];

/** What is wrong with the addresses that a service asks for and their families, looked at before any is given out. */
export function checkServiceAddresses(spec: ServiceSpec): FieldErrors {
  const errors = new FieldErrors();
  const { clusterIP = "", clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = spec;
  const here = at.child("clusterIPs");
  if (clusterIPs.length > 0 && clusterIP === "")
    errors.invalid(here, clusterIPs, "must be empty when `clusterIP` is not specified");
  else if (clusterIPs.length > 0 && clusterIPs[0] !== clusterIP)
    errors.invalid(here, clusterIPs, "first value must match `clusterIP`");
  for (const [index, family] of ipFamilies.entries()) {
    const path = at.child("ipFamilies").at(index);
    if (!families.includes(family)) errors.notSupported(path, family, families);
    if (ipFamilies.indexOf(family) < index) errors.duplicate(path, family);
  }
  if (ipFamilyPolicy !== undefined && !policies.includes(ipFamilyPolicy))
    errors.notSupported(at.child("ipFamilyPolicy"), ipFamilyPolicy, policies);
  if (areAddresses(clusterIPs, here, errors)) checkPairing(clusterIPs, ipFamilies, here, errors);
  return errors;
}

function areAddresses(addresses: readonly string[], here: FieldPath, errors: FieldErrors): boolean {
  const before = errors.list.length;
  for (const [index, address] of addresses.entries()) {
    if (index > 0 || address !== "None") checkName(address, ipRule, here.at(index), errors);
    else if (addresses.length > 1) errors.invalid(here, addresses, "'None' must be the first and only value");
  }
  const areGood = errors.list.length === before;
  if (addresses.length > 2) errors.invalid(here, addresses, "may only hold up to 2 values");
  return areGood;
}

function checkPairing(
  addresses: readonly string[],
  wanted: readonly string[],
  here: FieldPath,
  errors: FieldErrors,
): void {
  if (addresses.length > 1 && new Set(addresses.map(isIpv4)).size === 1)
    errors.invalid(here, addresses, "may specify no more than one IP for each IP family");
  for (const [index, address] of addresses.entries()) {
    const family = wanted[index];
    if (address === "None" || family === undefined) continue;
    if (family === "IPv4" ? isIpv6(address) : family === "IPv6" && isIpv4(address))
      errors.invalid(
        here.at(index),
        address,
        `expected an ${family} value as indicated by \`ipFamilies[${index}]\``,
      );
  }
}
