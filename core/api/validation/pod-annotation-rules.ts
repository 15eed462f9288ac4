import type { ObjectMeta, PodSpec } from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import { syntaxError } from "../json/syntax-error.ts";
import { ahead, rule, type TypeRules } from "../schema/check-structure.ts";
import { mirrorAnnotation } from "./mirror-pod-rules.ts";

const tolerations = "scheduler.alpha.kubernetes.io/tolerations";
const deletionCost = "controller.kubernetes.io/pod-deletion-cost";
/** Goes before the name of a container. */
const appArmor = "container.apparmor.security.beta.kubernetes.io/";
const wholeNumber = /^(?:0|-\d+|[1-9]\d*)$/;
const int32 = 2 ** 31;

interface Described {
  readonly metadata?: ObjectMeta;
  readonly spec?: PodSpec;
}

/** Annotations that were members once, or are looked at as if they were. */
function checkAnnotations({ metadata, spec }: Described, root: FieldPath, errors: FieldErrors): void {
  const annotations = metadata?.annotations;
  if (!annotations) return;
  const at = root.child("metadata", "annotations");
  const isMirror = annotations[mirrorAnnotation];
  if (isMirror !== undefined && !spec?.nodeName)
    errors.invalid(
      at.at(mirrorAnnotation),
      isMirror,
      "must set spec.nodeName if mirror pod annotation is set",
    );
  if (annotations[tolerations] && !isJson(annotations[tolerations]))
    errors.invalid(at, tolerations, syntaxError(annotations[tolerations]));
  const cost = annotations[deletionCost];
  const isCost =
    cost === undefined || (wholeNumber.test(cost) && Number(cost) >= -int32 && Number(cost) < int32);
  if (!isCost) errors.invalid(at.at(deletionCost), cost, "must be a 32bit integer");
  for (const [key, profile] of Object.entries(annotations))
    if (key.startsWith(appArmor)) checkProfile(key, profile, spec, at, errors);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function checkProfile(
  key: string,
  profile: string,
  spec: PodSpec | undefined,
  at: FieldPath,
  errors: FieldErrors,
): void {
  const name = key.slice(appArmor.length);
  const lists = [spec?.initContainers, spec?.containers, spec?.ephemeralContainers];
  if (!lists.some((list) => list?.some((one) => one.name === name)))
    errors.invalid(at.at(key), name, "container not found");
  if (profile !== "" && !/^(?:runtime\/default$|unconfined$|localhost\/)/.test(profile))
    errors.invalid(at.at(key), profile, `invalid AppArmor profile name: ${JSON.stringify(profile)}`);
}

export const podAnnotationRules: TypeRules = {
  [ahead("core.v1.Pod", "spec")]: rule<Described>(checkAnnotations),
  [ahead("core.v1.PodTemplateSpec", "spec")]: rule<Described>(checkAnnotations),
};
