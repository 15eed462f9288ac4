import type { Container, Pod, PodSpec, Toleration } from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import { FieldPath } from "../errors/field-path.ts";
import { qosClass } from "../scheduling/qos-class.ts";
import { deepCopy, deepEqual } from "../json/json-value.ts";
import { unifiedDiff } from "../text/unified-diff.ts";
import { shownEphemeral, shownPodSpec } from "./pod-spec-shown.ts";

const spec = FieldPath.of("spec");

const sentence = [
  "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,",
  "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),",
  "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
].join("");

/** What may change in a pod depends on the subresource written to; everything else stays as it was created. */
export function checkPodUpdate(pod: Pod, old: Pod, subresource: string, errors: FieldErrors): void {
  if (subresource === "binding" || deepEqual(pod.spec, old.spec)) return;
  if (subresource === "ephemeralcontainers") checkEphemeral(pod, old, errors);
  else if (subresource === "resize") checkResize(pod, old, errors);
  else checkPlain(pod, old, errors);
}

function checkPlain(pod: Pod, old: Pod, errors: FieldErrors): void {
  for (const list of ["containers", "initContainers"] as const) {
    if (pod.spec[list]?.length === old.spec[list]?.length) continue;
    errors.forbidden(spec.child(list), "pod updates may not add or remove containers");
    return;
  }
  checkImages(pod, errors);
  checkDeadline(pod, old, errors);
  if (!onlyAdds(pod.spec.tolerations, old.spec.tolerations))
    errors.forbidden(
      spec.child("tolerations"),
      "existing toleration can not be modified except its tolerationSeconds",
    );
  checkGates(pod, old, errors);
  const merged = deepCopy(pod.spec);
  takeBack(merged.containers, old.spec.containers, "image");
  takeBack(merged.initContainers, old.spec.initContainers, "image");
  for (const member of ["activeDeadlineSeconds", "tolerations", "schedulingGates"] as const)
    restore(merged, old.spec, member);
  if ((old.spec.terminationGracePeriodSeconds ?? 0) < 0 && pod.spec.terminationGracePeriodSeconds === 1) {
    merged.terminationGracePeriodSeconds = old.spec.terminationGracePeriodSeconds!;
  }
  if (old.spec.schedulingGates?.length) {
    if (!addsSelectors(pod, old)) {
      const detail = "only additions to spec.nodeSelector are allowed (no mutations or deletions)";
      errors.invalid(spec.child("nodeSelector"), pod.spec.nodeSelector ?? null, detail);
    }
    restore(merged, old.spec, "nodeSelector");
  }
  if (!deepEqual(merged, old.spec)) errors.forbidden(spec, `${sentence}\n${changed(merged, old.spec)}`);
}

/** Told of a change again, whatever is told of the whole pod. */
function checkImages(pod: Pod, errors: FieldErrors): void {
  for (const list of ["containers", "initContainers"] as const)
    for (const [index, { image = "" }] of (pod.spec[list] ?? []).entries()) {
      const here = spec.child(list).at(index).child("image");
      if (image === "") errors.required(here);
      if (image.trim() !== image) errors.invalid(here, image, "must not have leading or trailing whitespace");
    }
}

function checkGates(pod: Pod, old: Pod, errors: FieldErrors): void {
  const before = new Set((old.spec.schedulingGates ?? []).map(({ name }) => name));
  for (const [index, { name }] of (pod.spec.schedulingGates ?? []).entries()) {
    if (before.has(name)) continue;
    errors.forbidden(
      spec.child("schedulingGates").at(index).child("name"),
      `only deletion is allowed, but found new scheduling gate '${name}'`,
    );
  }
}

function checkDeadline(pod: Pod, old: Pod, errors: FieldErrors): void {
  const before = old.spec.activeDeadlineSeconds;
  if (before === undefined) return;
  const after = pod.spec.activeDeadlineSeconds;
  const at = spec.child("activeDeadlineSeconds");
  if (after === undefined) errors.invalid(at, null, "must not update from a positive integer to nil value");
  else if (after > before) errors.invalid(at, after, "must be less than or equal to previous value");
}

function checkEphemeral(pod: Pod, old: Pod, errors: FieldErrors): void {
  const at = spec.child("ephemeralContainers");
  const before = old.spec.ephemeralContainers ?? [];
  const after = pod.spec.ephemeralContainers ?? [];
  const names = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].map(({ name }) => name);
  for (const [index, container] of after.entries()) {
    const here = at.at(index);
    for (const member of notEphemeral)
      if (container[member] !== undefined && !(member === "resources" && isBare(container.resources ?? {})))
        errors.forbidden(here.child(member), "cannot be set for an Ephemeral Container");
    const target = container.targetContainerName;
    if (target && !names.includes(target)) errors.notFound(here.child("targetContainerName"), target);
  }
  for (const container of before) {
    const now = after.find(({ name }) => name === container.name);
    if (!now)
      errors.forbidden(
        at,
        `existing ephemeral containers ${JSON.stringify(container.name)} may not be removed\n`,
      );
    else if (!deepEqual(now, container)) {
      errors.forbidden(
        at,
        `existing ephemeral containers ${JSON.stringify(container.name)} may not be changed\n${unifiedDiff(shownEphemeral(container), shownEphemeral(now))}`,
      );
    }
  }
}

/** What only containers have that the pod begins with. */
const notEphemeral = [
  ...(["ports", "resources", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle"] as const),
  "resizePolicy",
] as const;

/** Resources that ask for nothing are there by default. */
const isBare = (resources: object): boolean => Object.keys(resources).length === 0;

function checkResize(pod: Pod, old: Pod, errors: FieldErrors): void {
  const quality = qosClass(old);
  if (qosClass(pod) !== quality)
    errors.invalid(spec, quality, "Pod QOS Class may not change as a result of resizing");
  for (const list of ["containers", "initContainers"] as const) {
    for (const [index, { resources }] of (old.spec[list] ?? []).entries()) {
      const here = spec.child(list).at(index).child("resources");
      const now = pod.spec[list]?.[index]?.resources;
      for (const member of ["requests", "limits"] as const) {
        const names = Object.keys(resources?.[member] ?? {});
        if (names.some((name) => now?.[member]?.[name] === undefined))
          errors.forbidden(here.child(member), `resource ${member} cannot be removed`);
      }
      const [others, before] = [now, resources].map((one) => [one?.limits, one?.requests].map(otherAmounts));
      if (!deepEqual(others, before)) errors.forbidden(spec, "only cpu and memory resources are mutable");
    }
  }
  const merged = deepCopy(pod.spec);
  takeBack(merged.containers, old.spec.containers, "resources");
  takeBack(merged.initContainers, old.spec.initContainers, "resources");
  restore(merged, old.spec, "resources");
  if (!deepEqual(merged, old.spec)) errors.forbidden(spec, "only cpu and memory resources are mutable");
}

function otherAmounts(amounts: Readonly<Record<string, string>> = {}): [string, string][] {
  return Object.entries(amounts).filter(([name]) => name !== "cpu" && name !== "memory");
}

function takeBack(
  containers: Container[] | undefined,
  old: readonly Container[] | undefined,
  member: "image" | "resources",
): void {
  if (containers?.length !== old?.length) return;
  for (const [index, container] of (containers ?? []).entries()) restore(container, old![index]!, member);
}

function restore<T>(target: T, source: T, member: keyof T): void {
  if (source[member] === undefined) delete target[member];
  else target[member] = source[member];
}

function onlyAdds(after: readonly Toleration[] = [], before: readonly Toleration[] = []): boolean {
  const kept = (one: Toleration, other: Toleration): boolean =>
    deepEqual({ ...one, tolerationSeconds: 0 }, { ...other, tolerationSeconds: 0 });
  return before.every((toleration) => after.some((other) => kept(other, toleration)));
}

function addsSelectors(pod: Pod, old: Pod): boolean {
  return Object.entries(old.spec.nodeSelector ?? {}).every(
    ([key, value]) => pod.spec.nodeSelector?.[key] === value,
  );
}

/** Shows the lines that differ, for the reader of the refusal. */
function changed(after: PodSpec, before: PodSpec): string {
  return unifiedDiff(shownPodSpec(before), shownPodSpec(after));
}
