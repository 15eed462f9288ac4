import { checkServiceAddresses, FieldErrors, FieldPath, type ServiceSpec } from "../../api/index.ts";
import type { Draft } from "../registry/object-meta.ts";
import { invalid } from "../request/status-error.ts";

const serviceKind = { group: "", resource: "services", kind: "Service" };
const at = FieldPath.of("spec");
const notHere = "this cluster is not configured for dual-stack services";

/** Settles the families of a service's addresses, in a cluster that has IPv4. @throws StatusError 422 */
export function settleFamilies(service: Draft): void {
  const spec = (service.spec ??= {}) as unknown as ServiceSpec;
  if (spec.type === "ExternalName") return;
  const isHeadless = spec.clusterIP === "None";
  // Whoever names the endpoints of such a service himself may give them any family.
  const isFree = isHeadless && Object.keys(spec.selector ?? {}).length === 0;
  spec.ipFamilyPolicy ??= isFree ? "RequireDualStack" : "SingleStack";
  refuse(service, checkServiceAddresses(spec));
  const errors = new FieldErrors();
  if (spec.ipFamilyPolicy === "SingleStack") checkSingle(spec, errors);
  refuse(service, errors);
  const asked = spec.ipFamilies ?? [];
  if (isFree) {
    const [first = "IPv4", second = first === "IPv4" ? "IPv6" : "IPv4"] = asked;
    spec.ipFamilies = spec.ipFamilyPolicy === "SingleStack" ? [first] : [first, second];
    return;
  }
  for (const [index, family] of asked.entries())
    if (family !== "IPv4")
      errors.invalid(at.child("ipFamilies").at(index), family, "not configured on this cluster");
  if (spec.ipFamilyPolicy === "RequireDualStack")
    errors.invalid(at.child("ipFamilyPolicy"), spec.ipFamilyPolicy, notHere);
  refuse(service, errors);
  spec.ipFamilies = ["IPv4"];
}

function checkSingle({ clusterIPs = [], ipFamilies = [] }: ServiceSpec, errors: FieldErrors): void {
  const need = "must be 'RequireDualStack' or 'PreferDualStack' when multiple";
  const path = at.child("ipFamilyPolicy");
  if (clusterIPs.length === 2) errors.invalid(path, "SingleStack", `${need} cluster IPs are specified`);
  if (ipFamilies.length === 2) errors.invalid(path, "SingleStack", `${need} IP families are specified`);
}

function refuse({ metadata }: Draft, { list }: FieldErrors): void {
  if (list.length > 0) throw invalid(serviceKind, metadata.name ?? "", list);
}
