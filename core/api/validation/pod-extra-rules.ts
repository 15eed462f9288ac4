import type {
  LabelSelector,
  NodeSelectorTerm,
  Pod,
  PodAffinityTerm,
  PodDNSConfig,
  PodResourceClaim,
  PodSpec,
  TopologySpreadConstraint,
} from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import { dnsLabelRule, dnsSubdomainRule, qualifiedNameRule, searchDomainRule } from "../names/name-rules.ts";
import { rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import { checkName, checkUnique, membersSet } from "./checks.ts";

const mostNameservers = 3;
const mostSearches = 32;
const mostSearchCharacters = 2048;

/** What members of a pod ask of each other. */
const podSpec: TypeRule = rule<PodSpec>((spec, at, errors) => {
  if (spec.hostPID && spec.shareProcessNamespace) {
    const sentence = "ShareProcessNamespace and HostPID cannot both be enabled";
    errors.invalid(at.child("securityContext", "shareProcessNamespace"), true, sentence);
  }
  for (const [index, { conditionType }] of (spec.readinessGates ?? []).entries()) {
    const here = at.child("readinessGates").at(index).child("conditionType");
    for (const wrong of qualifiedNameRule(conditionType ?? ""))
      errors.invalid(here, conditionType ?? "", wrong);
  }
  const gates = at.child("schedulingGates");
  for (const [index, { name }] of (spec.schedulingGates ?? []).entries())
    checkName(name, qualifiedNameRule, gates.at(index), errors);
  checkUnique(spec.schedulingGates, ({ name }) => name, gates, errors);
  checkSpread(spec, at.child("topologySpreadConstraints"), errors);
  checkProcMounts(spec, at, errors);
  checkHostUsers(spec, at, errors);
  checkUnique(spec.resourceClaims, ({ name }) => name, at.child("resourceClaims"), errors, "name");
  checkClaimsKnown(spec, at, errors);
  checkSleeps(spec, at, errors);
});

/** A hook may not sleep longer than its pod is given to end. */
function checkSleeps(spec: PodSpec, at: FieldPath, errors: FieldErrors): void {
  const grace = spec.terminationGracePeriodSeconds ?? 0;
  const sentence = `must be non-negative and less than terminationGracePeriodSeconds (${grace})`;
  for (const group of ["initContainers", "containers"] as const)
    for (const [index, { lifecycle }] of (spec[group] ?? []).entries())
      for (const hook of ["postStart", "preStop"] as const) {
        const seconds = lifecycle?.[hook]?.sleep?.seconds;
        if (seconds !== undefined && (seconds < 0 || seconds > grace))
          errors.invalid(at.child(group).at(index).child("lifecycle", hook, "sleep"), seconds, sentence);
      }
}

function checkSpread({ topologySpreadConstraints = [] }: PodSpec, at: FieldPath, errors: FieldErrors): void {
  const pairOf = (one: TopologySpreadConstraint): string => `{${one.topologyKey}, ${one.whenUnsatisfiable}}`;
  for (const [index, constraint] of topologySpreadConstraints.entries()) {
    const { topologyKey, whenUnsatisfiable, minDomains } = constraint;
    const here = at.at(index);
    if (!topologyKey) errors.required(here.child("topologyKey"), "can not be empty");
    checkLabelKeys(constraint.matchLabelKeys, constraint.labelSelector, here.child("matchLabelKeys"), errors);
    if (minDomains !== undefined && whenUnsatisfiable !== "DoNotSchedule") {
      errors.invalid(
        here.child("minDomains"),
        minDomains,
        `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`,
      );
    }
    if (!whenUnsatisfiable)
      errors.notSupported(here.child("whenUnsatisfiable"), "", ["DoNotSchedule", "ScheduleAnyway"]);
    // Upstream tells it of the first of a pair.
    const pair = pairOf(constraint);
    if (topologySpreadConstraints.slice(index + 1).some((other) => pairOf(other) === pair))
      errors.duplicate(here.child("{topologyKey, whenUnsatisfiable}"), pair);
  }
}

function checkLabelKeys(
  keys: readonly string[] = [],
  selector: LabelSelector | undefined,
  at: FieldPath,
  errors: FieldErrors,
): void {
  if (keys.length > 0 && !selector)
    errors.forbidden(at, "must not be specified when labelSelector is not set");
  else for (const [index, key] of keys.entries()) checkName(key, qualifiedNameRule, at.at(index), errors);
}

/** Users of a pod's own are not the node's, whose namespaces they could not use. */
function checkHostUsers(spec: PodSpec, at: FieldPath, errors: FieldErrors): void {
  if (spec.hostUsers !== false) return;
  for (const [member, told] of Object.entries({
    hostNetwork: "hostNetwork",
    hostPID: "HostPID",
    hostIPC: "HostIPC",
  }))
    if (spec[member as "hostPID"]) errors.forbidden(at.child(told), "when `hostUsers` is false");
}

/** Only those who are nobody on the node may see all that its kernel shows. */
function checkProcMounts(spec: PodSpec, at: FieldPath, errors: FieldErrors): void {
  if (spec.hostUsers === false) return;
  for (const group of ["containers", "initContainers", "ephemeralContainers"] as const)
    for (const [index, { securityContext }] of (spec[group] ?? []).entries()) {
      const here = at.child(group).at(index).child("securityContext", "procMount");
      if (securityContext?.procMount === "Unmasked")
        errors.invalid(here, "Unmasked", "`hostUsers` must be false to use `Unmasked`");
    }
}

/** Containers may only claim what the pod claims. */
function checkClaimsKnown(spec: PodSpec, at: FieldPath, errors: FieldErrors): void {
  const known = new Set((spec.resourceClaims ?? []).map(({ name }) => name));
  const names = known.size === 0 ? " which is empty" : `: ${[...known].toSorted().join(", ")}`;
  const unknownClaim = `must be one of the names in pod.spec.resourceClaims${names}`;
  for (const group of ["initContainers", "containers"] as const) {
    for (const [index, { resources }] of (spec[group] ?? []).entries()) {
      const claims = at.child(group).at(index).child("resources", "claims");
      for (const [position, { name }] of (resources?.claims ?? []).entries())
        if (!name) errors.required(claims.at(position));
        else if (!known.has(name)) errors.notFound(claims.at(position), name, unknownClaim);
      checkUnique(
        resources?.claims,
        ({ name, request }) => (request ? `${name}/${request}` : name),
        claims,
        errors,
      );
    }
  }
}

const shownClaim = (claim: PodResourceClaim): object => ({
  Name: claim.name,
  ResourceClaimName: claim.resourceClaimName ?? null,
  ResourceClaimTemplateName: claim.resourceClaimTemplateName ?? null,
});

const resourceClaim: TypeRule = rule<PodResourceClaim>((claim, at, errors) => {
  checkName(claim.name, dnsLabelRule, at.child("name"), errors);
  for (const member of ["resourceClaimName", "resourceClaimTemplateName"] as const)
    checkName(claim[member], dnsSubdomainRule, at.child(member), errors);
  const set = membersSet(claim, ["resourceClaimName", "resourceClaimTemplateName"]);
  if (set.length === 0) {
    errors.invalid(
      at,
      shownClaim(claim),
      "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`",
    );
  } else if (set.length > 1) {
    errors.invalid(
      at,
      shownClaim(claim),
      "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified",
    );
  }
});

const dnsConfig: TypeRule = rule<PodDNSConfig>(
  ({ nameservers = [], searches = [], options = [] }, at, errors) => {
    if (nameservers.length > mostNameservers)
      errors.invalid(
        at.child("nameservers"),
        nameservers,
        `must not have more than ${mostNameservers} nameservers`,
      );
    if (searches.length > mostSearches)
      errors.invalid(at.child("searches"), searches, `must not have more than ${mostSearches} search paths`);
    if (searches.join(" ").length > mostSearchCharacters) {
      const sentence = `must not have more than ${mostSearchCharacters} characters (including spaces) in the search list`;
      errors.invalid(at.child("searches"), searches, sentence);
    }
    for (const [index, search] of searches.entries()) {
      if (search === ".") continue;
      checkName(search.replace(/\.$/, ""), searchDomainRule, at.child("searches").at(index), errors);
    }
    for (const [index, { name }] of options.entries())
      if (!name) errors.required(at.child("options").at(index), "must not be empty");
  },
);

const nodeSelectorTerm: TypeRule = rule<NodeSelectorTerm>(({ matchFields = [] }, at, errors) => {
  for (const [index, { key, operator, values = [] }] of matchFields.entries()) {
    const here = at.child("matchFields").at(index);
    if (key !== "metadata.name") errors.invalid(here.child("key"), key, "not a valid field selector key");
    if (operator !== "In" && operator !== "NotIn") {
      // One that no selector knows was told of already.
      if (["Exists", "DoesNotExist", "Gt", "Lt"].includes(operator))
        errors.invalid(here.child("operator"), operator, "not a valid selector operator");
    } else if (values.length !== 1)
      errors.required(
        here.child("values"),
        "must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
      );
  }
});

const affinityTerm: TypeRule = rule<PodAffinityTerm>((term, at, errors) => {
  const topologyKey = (term as Partial<PodAffinityTerm>).topologyKey ?? "";
  if (topologyKey === "") errors.required(at.child("topologyKey"), "can not be empty");
  for (const wrong of qualifiedNameRule(topologyKey))
    errors.invalid(at.child("topologyKey"), topologyKey, wrong);
  for (const namespace of term.namespaces ?? [])
    checkName(namespace, dnsLabelRule, at.child("namespace"), errors);
  for (const member of ["matchLabelKeys", "mismatchLabelKeys"] as const)
    checkLabelKeys(term[member], term.labelSelector, at.child(member), errors);
  for (const [index, key] of (term.matchLabelKeys ?? []).entries()) {
    if (!term.mismatchLabelKeys?.includes(key)) continue;
    const sentence = "exists in both matchLabelKeys and mismatchLabelKeys";
    errors.invalid(at.child("matchLabelKeys").at(index), key, sentence);
  }
});

/** Of pods alone: templates were always free to say it otherwise. */
const pod: TypeRule = rule<Pod>((whole, at, errors) => {
  const { spec } = whole;
  for (const group of ["containers", "initContainers"] as const) {
    for (const [index, { image = "" }] of (spec?.[group] ?? []).entries()) {
      const here = at.child("spec", group).at(index).child("image");
      if (image !== image.trim()) errors.invalid(here, image, "must not have leading or trailing whitespace");
    }
  }
});

export const podExtraRules: TypeRules = {
  "core.v1.Pod": pod,
  "core.v1.PodSpec": podSpec,
  "core.v1.PodResourceClaim": resourceClaim,
  "core.v1.PodDNSConfig": dnsConfig,
  "core.v1.NodeSelectorTerm": nodeSelectorTerm,
  "core.v1.PodAffinityTerm": affinityTerm,
};
