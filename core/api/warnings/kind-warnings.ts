import type { ObjectMeta } from "../generated/types.ts";
import { FieldPath } from "../errors/field-path.ts";
import { deepEqual, type JsonObject } from "../json/json-value.ts";
import type { Kind } from "../kinds/kind.ts";
import { dnsLabelRule } from "../names/name-rules.ts";
import { valueAt } from "../table/cell.ts";
import { otherWarnings } from "./other-warnings.ts";
import { podWarnings } from "./pod-warnings.ts";

const inSpec = "spec.template";
/** Where kinds have the template of their pods. */
export const podTemplates: Readonly<Record<string, string>> = {
  "apps.v1.Deployment": inSpec,
  "apps.v1.ReplicaSet": inSpec,
  "apps.v1.StatefulSet": inSpec,
  "apps.v1.DaemonSet": inSpec,
  "batch.v1.Job": inSpec,
  "batch.v1.CronJob": "spec.jobTemplate.spec.template",
  "core.v1.ReplicationController": inSpec,
  "core.v1.PodTemplate": "template",
};
/** Their pods' names and hostnames begin with their own. */
const namesPods: ReadonlySet<string> = new Set([
  "apps.v1.Deployment",
  "apps.v1.ReplicaSet",
  "batch.v1.Job",
  "batch.v1.CronJob",
  "core.v1.ReplicationController",
  "core.v1.Pod",
]);

/** What the author of a new object, which is valid, is to be told. */
export function warningsOnCreate({ type }: Kind, object: object): string[] {
  const { name = "" } = (object as { metadata: ObjectMeta }).metadata;
  const wrong = namesPods.has(type) ? dnsLabelRule(name) : [];
  const why = `this is used in ${type === "core.v1.Pod" ? "the Pod's hostname" : "Pod names and hostnames"}`;
  const advice = "which can result in surprising behavior; a DNS label is recommended";
  const ofName = wrong.length > 0 ? [`metadata.name: ${why}, ${advice}: [${wrong.join(" ")}]`] : [];
  if (type === "core.v1.Pod") return [...ofName, ...podWarnings(object)];
  return [...ofName, ...templateWarnings(type, object as JsonObject), ...otherWarnings(type, object)];
}

/** Of a change that somebody acts upon; those of pods are written too often to look. */
export function warningsOnUpdate({ type }: Kind, object: object, old: object): string[] {
  const [generation, before] = [object, old].map(
    (one) => (one as { metadata: ObjectMeta }).metadata.generation,
  );
  if (generation === undefined) return [...otherWarnings(type, object)];
  if (generation === before || (type === "apps.v1.DaemonSet" && isTemplateSame(object, old))) return [];
  return templateWarnings(type, object as JsonObject);
}

/** DaemonSets count the generations of their template besides. */
function isTemplateSame(object: object, old: object): boolean {
  const [after, before] = [object, old].map((one) => valueAt(one as JsonObject, inSpec));
  return deepEqual(after ?? null, before ?? null);
}

function templateWarnings(type: string, object: JsonObject): string[] {
  const path = podTemplates[type];
  if (path === undefined) return [];
  const told = podWarnings(valueAt(object, path) ?? {}, FieldPath.of(...path.split(".")));
  const kept = type === "apps.v1.StatefulSet" ? (valueAt(object, "spec.revisionHistoryLimit") as number) : 0;
  if (kept < 0)
    told.push(
      "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended",
    );
  return told;
}
