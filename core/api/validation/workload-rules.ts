import type {
  CronJob,
  CronJobSpec,
  DeploymentSpec,
  Job,
  JobSpec,
  LabelSelector,
  PodTemplateSpec,
  ReplicationControllerSpec,
  RollingUpdateDeployment,
} from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import { FieldPath } from "../errors/field-path.ts";
import { ahead, rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import { labelSelectorQuery } from "../selectors/label-selector.ts";
import { matchesLabels } from "../selectors/requirement.ts";
import { checkCountOrPercent, checkLabels, checkNotNegative } from "./checks.ts";
import { checkAnnotations } from "./metadata-rules.ts";

interface Selecting {
  readonly selector?: LabelSelector;
  readonly template?: PodTemplateSpec;
  readonly replicas?: number;
  readonly minReadySeconds?: number;
  readonly revisionHistoryLimit?: number;
}

/** What those who keep pods from a template are called in what is told of them. */
interface Words {
  readonly selector: string;
  readonly template: string;
  /** Told of a selector with mistakes; absent where its mistakes say enough. */
  readonly wrong?: string;
}

/** The selector and what its template says of itself, before the mistakes in the template. */
const selecting = (words: Words): TypeRule =>
  rule<Selecting>(({ selector, template }, at, errors) => {
    const here = at.child("selector");
    if (selector && Object.keys(selector).length === 0)
      errors.invalid(here, selector, `empty selector is invalid for ${words.selector}`);
    if (errors.list.some(({ field }) => field.startsWith(`${here.toString()}.`))) {
      if (words.wrong !== undefined) errors.invalid(here, selector, words.wrong);
      return;
    }
    const query = selector && labelSelectorQuery(selector);
    if (!query || (query.length > 0 && !matchesLabels(query, template?.metadata?.labels)))
      errors.invalid(
        at.child("template", "metadata", "labels"),
        template?.metadata?.labels ?? null,
        "`selector` does not match template `labels`",
      );
    checkTemplateMetadata(template, at, errors);
  });

/** What its pods may not have in their template, told after the mistakes in it. */
const restarting = (words: Words): TypeRule =>
  rule<Selecting>(({ template }, at, errors) => {
    if (
      words.wrong &&
      errors.list.some(({ field }) => field.startsWith(`${at.child("selector").toString()}.`))
    )
      return;
    checkTemplate(template, ["Always"], words.template, at, errors);
  });

/** A StatefulSet's template is told twice what is wrong with its labels. */
const ofStatefulSet: Words = { selector: "statefulset", template: "StatefulSet", wrong: "" };
const restartingInTurn: TypeRule = rule<Selecting>((spec, at, errors) => {
  checkTemplateMetadata(spec.template, at, errors);
  restarting(ofStatefulSet)(spec as never, at, errors);
});

const counted = (member: keyof Selecting): TypeRule =>
  rule<Selecting>((spec, at, errors) =>
    checkNotNegative(spec[member] as number | undefined, at.child(member), errors),
  );

const quoted = (text: string): string => JSON.stringify(text);

function checkTemplateMetadata(
  template: PodTemplateSpec | undefined,
  at: FieldPath,
  errors: FieldErrors,
): void {
  checkLabels(template?.metadata?.labels, at.child("template", "labels"), errors);
  checkAnnotations(template?.metadata?.annotations, at.child("template", "annotations"), errors);
}

function checkTemplate(
  template: PodTemplateSpec | undefined,
  restartPolicies: readonly string[],
  of: string,
  at: FieldPath,
  errors: FieldErrors,
): void {
  const policy = template?.spec?.restartPolicy;
  if (policy && !restartPolicies.includes(policy)) {
    const here = at.child("template", "spec", "restartPolicy");
    // Whoever says nothing gets Always, which a job cannot have.
    if (policy === "Always") errors.required(here, `valid values: ${restartPolicies.map(quoted).join(", ")}`);
    else errors.notSupported(here, policy, restartPolicies);
  }
  if (template?.spec?.ephemeralContainers?.length) {
    const here = at.child("template", "spec", "ephemeralContainers");
    errors.forbidden(here, "ephemeral containers not allowed in pod template");
  }
  if (template?.spec?.activeDeadlineSeconds !== undefined && restartPolicies.includes("Always")) {
    const here = at.child("template", "spec", "activeDeadlineSeconds");
    errors.forbidden(here, `activeDeadlineSeconds in ${of} is not Supported`);
  }
}

/** Deployments and ReplicaSets are told in the words of each other. */
const ofDeployment = {
  selector: "deployment",
  template: "ReplicaSet",
  wrong: "invalid label selector",
};

/** A strategy that nobody knows, in full. */
export const shownStrategy = (type: string, rollingUpdate: object | undefined): object => ({
  Type: type,
  RollingUpdate: rollingUpdate ?? null,
});

const deployment: TypeRule = rule<DeploymentSpec>((spec, at, errors) => {
  const strategy = at.child("strategy");
  const { type = "", rollingUpdate } = spec.strategy ?? {};
  const known = ["Recreate", "RollingUpdate"];
  if (!known.includes(type)) errors.notSupported(strategy, shownStrategy(type, rollingUpdate), known);
  if (spec.strategy?.type === "Recreate" && spec.strategy.rollingUpdate) {
    errors.forbidden(
      strategy.child("rollingUpdate"),
      "may not be specified when strategy `type` is 'Recreate'",
    );
  }
  const { progressDeadlineSeconds: deadline, minReadySeconds = 0 } = spec;
  checkNotNegative(deadline, at.child("progressDeadlineSeconds"), errors);
  if (deadline !== undefined && deadline <= minReadySeconds) {
    errors.invalid(at.child("progressDeadlineSeconds"), deadline, "must be greater than minReadySeconds");
  }
});

const isNone = (value: number | string | undefined): boolean => value === 0 || value === "0%";

const rolling: TypeRule = rule<RollingUpdateDeployment>(({ maxSurge, maxUnavailable }, at, errors) => {
  checkCountOrPercent(maxUnavailable, at.child("maxUnavailable"), errors);
  checkCountOrPercent(maxSurge, at.child("maxSurge"), errors);
  if (isNone(maxSurge) && isNone(maxUnavailable)) {
    errors.invalid(at.child("maxUnavailable"), maxUnavailable, "may not be 0 when `maxSurge` is 0");
  }
  if (typeof maxUnavailable === "string" && Number.parseInt(maxUnavailable, 10) > 100) {
    errors.invalid(at.child("maxUnavailable"), maxUnavailable, "must not be greater than 100%");
  }
});

const replication: TypeRule = rule<ReplicationControllerSpec>((spec, at, errors) => {
  checkNotNegative(spec.minReadySeconds, at.child("minReadySeconds"), errors);
  checkNotNegative(spec.replicas, at.child("replicas"), errors);
  checkTemplateMetadata(spec.template, at, errors);
  checkTemplate(spec.template, ["Always"], "ReplicationController", at, errors);
  if (!spec.template) errors.required(at.child("template"));
  if (!spec.selector) errors.required(at.child("selector"));
  else if (
    spec.template &&
    !matchesLabels(labelSelectorQuery({ matchLabels: spec.selector }), spec.template?.metadata?.labels)
  ) {
    const labels = spec.template?.metadata?.labels ?? null;
    errors.invalid(
      at.child("template", "metadata", "labels"),
      labels,
      "`selector` does not match template `labels`",
    );
  }
});

const job: TypeRule = rule<JobSpec>((spec, at, errors) => {
  const counts = [
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
    "ttlSecondsAfterFinished",
  ] as const;
  for (const name of counts) checkNotNegative(spec[name], at.child(name), errors);
  checkTemplateMetadata(spec.template, at, errors);
  checkTemplate(spec.template, ["OnFailure", "Never"], "Job", at, errors);
  if (spec.completionMode === "Indexed" && spec.completions === undefined) {
    errors.required(at.child("completions"), "when completion mode is Indexed");
  }
  if (spec.backoffLimitPerIndex !== undefined && spec.completionMode !== "Indexed") {
    errors.invalid(
      at.child("backoffLimitPerIndex"),
      spec.backoffLimitPerIndex,
      "requires indexed completion mode",
    );
  }
});

/** Labels and selector that the server gives a job: whoever brings others of the same names is refused. */
const generatedSelector: TypeRule = rule<Job>(({ metadata, spec }, at, errors) => {
  const { uid, name } = metadata;
  if (uid === undefined || !spec?.template || spec.manualSelector || !spec.selector) return;
  const domain = "batch.kubernetes.io/";
  const wanted = [
    ["controller-uid", uid],
    ["job-name", name],
    [`${domain}controller-uid`, uid],
    [`${domain}job-name`, name],
  ] as const;
  const here = at.child("spec", "template", "metadata", "labels");
  const { labels = {} } = spec.template.metadata ?? {};
  for (const [key, value] of wanted) {
    if (labels[key] === undefined) errors.required(here.at(key), `must be '${value}'`);
    else if (labels[key] !== value) errors.invalid(here.at(key), labels, `must be '${value}'`);
  }
  if (!matchesLabels(labelSelectorQuery(spec.selector), Object.fromEntries(wanted)))
    errors.invalid(at.child("spec", "selector"), spec.selector, "`selector` not auto-generated");
});

/** A job's own selector must find what its template makes. */
export const jobSelector: TypeRule = rule<Job>(({ spec }, at, errors) => {
  if (!spec?.template) return;
  const { selector, manualSelector, template } = spec;
  const here = at.child("spec");
  if (manualSelector && !selector) errors.required(here.child("selector"));
  if (!selector && !manualSelector) return;
  if (selector && matchesLabels(labelSelectorQuery(selector), template.metadata?.labels)) return;
  const labels = template.metadata?.labels ?? null;
  const sentence = "`selector` does not match template `labels`";
  errors.invalid(here.child("template", "metadata", "labels"), labels, sentence);
});

const cronField =
  /^(?:\*|\?|[0-9A-Za-z]+(?:-[0-9A-Za-z]+)?)(?:\/\d+)?(?:,(?:\*|[0-9A-Za-z]+(?:-[0-9A-Za-z]+)?)(?:\/\d+)?)*$/;
const cronMacro = /^@(?:yearly|annually|monthly|weekly|daily|midnight|hourly|every \S+)$/;

const cronJobSpec: TypeRule = rule<CronJobSpec>((spec, at, errors) => {
  const schedule = spec.schedule ?? "";
  const fields = schedule.trim().split(/\s+/);
  if (/TZ=/.test(schedule)) {
    errors.invalid(
      at.child("schedule"),
      schedule,
      "cannot use TZ or CRON_TZ in schedule, use timeZone field instead",
    );
  } else if (
    schedule &&
    !cronMacro.test(schedule) &&
    !(fields.length === 5 && fields.every((field) => cronField.test(field)))
  ) {
    errors.invalid(
      at.child("schedule"),
      schedule,
      `expected exactly 5 fields, found ${fields.length}: [${fields.join(" ")}]`,
    );
  }
  for (const name of [
    "startingDeadlineSeconds",
    "successfulJobsHistoryLimit",
    "failedJobsHistoryLimit",
  ] as const) {
    checkNotNegative(spec[name], at.child(name), errors);
  }
});

/** The name of a job of it is longer by eleven, and jobs have names of at most 63. */
const cronJob: TypeRule = rule<CronJob>(({ metadata }, _, errors) => {
  if ((metadata.name ?? "").length > 52) {
    errors.invalid(FieldPath.of("metadata", "name"), metadata.name, "must be no more than 52 characters");
  }
});

function aheadOf(
  type: string,
  counts: readonly (keyof Selecting)[],
  words: Words,
  afterTemplate?: string,
): TypeRules {
  return {
    ...Object.fromEntries(counts.map((member) => [ahead(type, member), counted(member)])),
    [ahead(type, "template")]: selecting(words),
    ...(afterTemplate !== undefined && { [ahead(type, afterTemplate)]: restarting(words) }),
  };
}

export const workloadRules: TypeRules = {
  "apps.v1.DeploymentSpec": deployment,
  "apps.v1.RollingUpdateDeployment": rolling,
  ...aheadOf(
    "apps.v1.DeploymentSpec",
    ["replicas", "minReadySeconds", "revisionHistoryLimit"],
    ofDeployment,
    "strategy",
  ),
  "apps.v1.ReplicaSetSpec": restarting(ofDeployment),
  "apps.v1.StatefulSetSpec": restartingInTurn,
  ...aheadOf("apps.v1.ReplicaSetSpec", ["replicas", "minReadySeconds"], ofDeployment),
  ...aheadOf("apps.v1.StatefulSetSpec", ["replicas", "minReadySeconds"], ofStatefulSet),
  ...aheadOf(
    "apps.v1.DaemonSetSpec",
    ["minReadySeconds", "revisionHistoryLimit"],
    {
      selector: "daemonset",
      template: "DaemonSet",
    },
    "updateStrategy",
  ),
  "core.v1.ReplicationControllerSpec": replication,
  [ahead("batch.v1.Job", "spec")]: generatedSelector,
  "batch.v1.Job": jobSelector,
  "batch.v1.JobSpec": job,
  "batch.v1.CronJobSpec": cronJobSpec,
  "batch.v1.CronJob": cronJob,
};
