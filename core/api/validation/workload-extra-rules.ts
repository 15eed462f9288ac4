import type {
  ControllerRevision,
  DaemonSetSpec,
  RollingUpdateDaemonSet,
  RollingUpdateStatefulSetStrategy,
  StatefulSetSpec,
} from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import { FieldPath } from "../errors/field-path.ts";
import { dnsLabelRule } from "../names/name-rules.ts";
import { rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import { checkCountOrPercent, checkName, checkNotNegative, checkUnique } from "./checks.ts";
import { shownStrategy } from "./workload-rules.ts";

/** What is no share at all counts as none. */
const isNone = (value: number | string | undefined): boolean =>
  value === undefined || value === 0 || value === "0%" || (typeof value === "string" && !value.endsWith("%"));

const daemonSet: TypeRule = rule<DaemonSetSpec>(({ updateStrategy }, at, errors) => {
  const { type = "", rollingUpdate } = updateStrategy ?? {};
  const known = ["RollingUpdate", "OnDelete"];
  if (!known.includes(type))
    errors.notSupported(at.child("updateStrategy"), shownStrategy(type, rollingUpdate), known);
});

/** A DaemonSet replaces a pod before or after the new one is there, not both. */
const rollingDaemonSet: TypeRule = rule<RollingUpdateDaemonSet>(
  ({ maxSurge, maxUnavailable }, at, errors) => {
    checkCountOrPercent(maxUnavailable, at.child("maxUnavailable"), errors);
    checkCountOrPercent(maxSurge, at.child("maxSurge"), errors);
    if (!isNone(maxSurge) && !isNone(maxUnavailable))
      errors.invalid(at.child("maxSurge"), maxSurge, "may not be set when maxUnavailable is non-zero");
    if (isNone(maxSurge) && isNone(maxUnavailable))
      errors.required(at.child("maxUnavailable"), "cannot be 0 when maxSurge is 0");
  },
);

const shownRolling = ({ partition, maxUnavailable }: RollingUpdateStatefulSetStrategy): object => ({
  Partition: partition ?? null,
  MaxUnavailable: maxUnavailable ?? null,
});

/** The pods get a volume of each claim's name, before those of their template. */
function checkClaimNames(
  { volumeClaimTemplates }: StatefulSetSpec,
  at: FieldPath,
  errors: FieldErrors,
): void {
  const names = new Set((volumeClaimTemplates ?? []).map(({ metadata }) => metadata?.name ?? ""));
  for (const [index, name] of [...names].entries()) {
    const here = at.at(index);
    if (name === "") errors.required(here.child("persistentVolumeClaim", "claimName"));
    if (name === "") errors.required(here.child("name"));
    checkName(name, dnsLabelRule, here.child("name"), errors);
  }
}

const statefulSet: TypeRule = rule<StatefulSetSpec>((spec, at, errors) => {
  const strategy = spec.updateStrategy;
  const rolling = at.child("updateStrategy", "rollingUpdate");
  const { type = "" } = strategy ?? {};
  if (type !== "OnDelete" && type !== "RollingUpdate")
    errors.invalid(
      at.child("updateStrategy"),
      shownStrategy(type, strategy?.rollingUpdate),
      "must be 'RollingUpdate' or 'OnDelete'",
    );
  if (type === "OnDelete" && strategy?.rollingUpdate)
    errors.invalid(
      rolling,
      shownRolling(strategy.rollingUpdate),
      "only allowed for updateStrategy 'RollingUpdate'",
    );
  checkNotNegative(strategy?.rollingUpdate?.partition, rolling.child("partition"), errors);
  checkName(spec.serviceName, dnsLabelRule, at.child("serviceName"), errors);
  checkNotNegative(spec.ordinals?.start, at.child("ordinals", "start"), errors);
  const retention = spec.persistentVolumeClaimRetentionPolicy;
  const known = ["Retain", "Delete"];
  for (const member of ["whenDeleted", "whenScaled"] as const) {
    const value = retention?.[member];
    if (value && !known.includes(value))
      errors.notSupported(at.child("persistentVolumeClaimRetentionPolicy", member), value, known);
  }
  const claims = at.child("volumeClaimTemplates");
  checkUnique(spec.volumeClaimTemplates, ({ metadata }) => metadata?.name, claims, errors, "metadata.name");
  checkClaimNames(spec, at.child("template", "spec", "volumes"), errors);
});

const revision: TypeRule = rule<ControllerRevision>(({ data, revision: number }, _, errors) => {
  if (data === undefined) errors.required(FieldPath.of("data"), "data is mandatory");
  checkNotNegative(number, FieldPath.of("revision"), errors);
});

export const workloadExtraRules: TypeRules = {
  "apps.v1.DaemonSetSpec": daemonSet,
  "apps.v1.RollingUpdateDaemonSet": rollingDaemonSet,
  "apps.v1.StatefulSetSpec": statefulSet,
  "apps.v1.ControllerRevision": revision,
};
