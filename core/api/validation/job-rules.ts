import type {
  CronJobSpec,
  JobSpec,
  PodFailurePolicyRule,
  SuccessPolicy,
  SuccessPolicyRule,
} from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import { qualifiedNameRule } from "../names/name-rules.ts";
import { rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import { checkName, checkUnique, membersSet } from "./checks.ts";
import { countIndexes, wrongIndexes } from "./index-intervals.ts";

const mostIndexed = 100_000;
const mostFailureRules = 20;

const shownPolicy = ({ rules }: Partial<SuccessPolicy>): object => ({
  Rules: (rules ?? []).map(({ succeededIndexes, succeededCount }) => ({
    SucceededIndexes: succeededIndexes ?? null,
    SucceededCount: succeededCount ?? null,
  })),
});

const job: TypeRule = rule<JobSpec>((spec, at, errors) => {
  const indexed = spec.completionMode === "Indexed";
  if (indexed && (spec.parallelism ?? 0) > mostIndexed) {
    const sentence = `must be less than or equal to ${mostIndexed} when completion mode is Indexed`;
    errors.invalid(at.child("parallelism"), spec.parallelism, sentence);
  }
  if (indexed && spec.backoffLimitPerIndex !== undefined && (spec.completions ?? 0) > mostIndexed)
    if (spec.maxFailedIndexes === undefined)
      errors.required(
        at.child("maxFailedIndexes"),
        `must be specified when completions is above ${mostIndexed}`,
      );
  if (spec.maxFailedIndexes !== undefined) {
    if (spec.backoffLimitPerIndex === undefined)
      errors.required(at.child("backoffLimitPerIndex"), "when maxFailedIndexes is specified");
    if (spec.completions !== undefined && spec.maxFailedIndexes > spec.completions) {
      const sentence = "must be less than or equal to completions";
      errors.invalid(at.child("maxFailedIndexes"), spec.maxFailedIndexes, sentence);
    }
  }
  checkFailurePolicy(spec, at, errors);
  if (spec.successPolicy) {
    if (!indexed)
      errors.invalid(
        at.child("successPolicy"),
        shownPolicy(spec.successPolicy),
        "requires indexed completion mode",
      );
    const most = spec.completions ?? 0;
    for (const [index, { succeededCount, succeededIndexes }] of (spec.successPolicy.rules ?? []).entries()) {
      const wrong = succeededIndexes === undefined ? undefined : wrongIndexes(succeededIndexes, most);
      if (wrong !== undefined)
        errors.invalid(
          at.child("successPolicy", "rules").at(index).child("succeededIndexes"),
          succeededIndexes,
          `error parsing succeededIndexes: ${wrong}`,
        );
      const here = at.child("successPolicy", "rules").at(index).child("succeededCount");
      if (succeededCount !== undefined && succeededCount > most)
        errors.invalid(
          here,
          succeededCount,
          `must be less than or equal to ${most} (the number of specified completions)`,
        );
      const listed = wrong === undefined ? countIndexes(succeededIndexes ?? "", most) : 0;
      if (succeededCount !== undefined && succeededIndexes !== undefined && succeededCount > listed) {
        const limit = `must be less than or equal to ${listed}`;
        errors.invalid(
          here,
          succeededCount,
          `${limit} (the number of indexes in the specified succeededIndexes field)`,
        );
      }
    }
  }
  if (spec.podReplacementPolicy === "TerminatingOrFailed" && spec.podFailurePolicy)
    errors.notSupported(at.child("podReplacementPolicy"), spec.podReplacementPolicy, ["Failed"]);
  if (spec.managedBy !== undefined) {
    checkName(spec.managedBy, qualifiedNameRule, at.child("managedBy"), errors);
    if (!spec.managedBy.includes("/"))
      errors.invalid(
        at.child("managedBy"),
        spec.managedBy,
        'must be a domain-prefixed path (such as "acme.io/foo")',
      );
  }
});

function checkFailurePolicy(spec: JobSpec, at: FieldPath, errors: FieldErrors): void {
  if (!spec.podFailurePolicy) return;
  const rules = spec.podFailurePolicy.rules ?? [];
  const here = at.child("podFailurePolicy");
  if (spec.template?.spec?.restartPolicy !== "Never") {
    const sentence = 'only "Never" is supported when podFailurePolicy is specified';
    errors.invalid(
      at.child("template", "spec", "restartPolicy"),
      spec.template?.spec?.restartPolicy ?? "",
      sentence,
    );
  }
  if (rules.length > mostFailureRules) errors.tooMany(here.child("rules"), rules.length, mostFailureRules);
  const { containers = [], initContainers = [] } = spec.template?.spec ?? {};
  const names = [...containers, ...initContainers].map(({ name }) => name);
  for (const [index, { action, onExitCodes }] of rules.entries()) {
    const name = onExitCodes?.containerName;
    if (name !== undefined && !names.includes(name)) {
      const place = here.child("rules").at(index).child("onExitCodes", "containerName");
      errors.invalid(place, name, "must be one of the container or initContainer names in the pod template");
    }
    if (action === "FailIndex" && spec.backoffLimitPerIndex === undefined) {
      const sentence = "requires the backoffLimitPerIndex to be set";
      errors.invalid(here.child("rules").at(index).child("action"), action, sentence);
    }
  }
}

const failureRule: TypeRule = rule<PodFailurePolicyRule>((target, at, errors) => {
  const set = membersSet(target, ["onExitCodes", "onPodConditions"]);
  if (set.length !== 1)
    errors.invalidUnshown(
      at,
      set.length === 0
        ? "specifying one of OnExitCodes and OnPodConditions is required"
        : "specifying both OnExitCodes and OnPodConditions is not supported",
    );
  for (const [index, { type, status }] of (target.onPodConditions ?? []).entries()) {
    checkName(type, qualifiedNameRule, at.child("onPodConditions").at(index).child("type"), errors);
    const known = ["False", "True", "Unknown"];
    if (status && !known.includes(status))
      errors.notSupported(at.child("onPodConditions").at(index).child("status"), status, known);
  }
  const { operator } = target.onExitCodes ?? {};
  const values = target.onExitCodes?.values ?? [];
  const codes = at.child("onExitCodes", "values");
  if (target.onExitCodes && values.length === 0) errors.invalid(codes, [], "at least one value is required");
  checkUnique(values, (value) => value, codes, errors);
  for (const [index, value] of values.entries()) {
    if (operator === "In" && value === 0)
      errors.invalid(codes.at(index), value, "must not be 0 for the In operator");
    else if (value < 0) errors.invalid(codes.at(index), value, "must be greater than or equal to 0");
  }
  if (values.some((value, index) => value < values[index - 1]!))
    errors.invalid(codes, values, "must be ordered");
});

const successRule: TypeRule = rule<SuccessPolicyRule>((target, at, errors) => {
  const { succeededCount, succeededIndexes } = target;
  if (succeededCount === undefined && succeededIndexes === undefined)
    errors.required(at, "at least one of succeededCount or succeededIndexes must be specified");
  if (succeededCount !== undefined && succeededCount <= 0)
    errors.invalid(at.child("succeededCount"), succeededCount, "must be greater than 0");
});

/** The fields of a schedule: least, most, and the names that stand for numbers. */
const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const days = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const scheduleFields: readonly (readonly [least: number, most: number, names: readonly string[]])[] = [
  [0, 59, []],
  [0, 23, []],
  [1, 31, []],
  [1, 12, months],
  [0, 6, days],
];

const cronJob: TypeRule = rule<CronJobSpec>((spec, at, errors) => {
  const fields = (spec.schedule ?? "").trim().split(/\s+/);
  if (fields.length === scheduleFields.length) {
    const wrong = fields.map((field, index) => wrongRange(field, index)).find((sentence) => sentence);
    if (wrong) errors.invalid(at.child("schedule"), spec.schedule, wrong);
  }
  if (spec.timeZone === "")
    errors.invalid(at.child("timeZone"), "", "timeZone must be nil or non-empty string");
  else if (spec.timeZone?.toLowerCase() === "local") {
    const sentence = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones";
    errors.invalid(at.child("timeZone"), spec.timeZone, sentence);
  } else if (spec.timeZone !== undefined && !isTimeZone(spec.timeZone))
    errors.invalid(at.child("timeZone"), spec.timeZone, `unknown time zone ${spec.timeZone}`);
  const template = at.child("jobTemplate", "spec");
  const selector = spec.jobTemplate?.spec?.selector;
  if (selector) errors.invalid(template.child("selector"), selector, "`selector` will be auto-generated");
  if (spec.jobTemplate?.spec?.manualSelector)
    errors.notSupported(template.child("manualSelector"), true, ["nil", "false"]);
});

function wrongRange(field: string, index: number): string | undefined {
  const [least, most, names] = scheduleFields[index]!;
  const valueOf = (text: string): number => {
    const named = names.indexOf(text.toUpperCase());
    return named < 0 ? Number(text) : named + least;
  };
  for (const part of field.split(",")) {
    const [span = "", step] = part.split("/");
    if (step !== undefined && Number(step) === 0) return `step of range should be a positive number: ${part}`;
    if (span === "*" || span === "?") continue;
    const [from = "", to = from] = span.split("-");
    const [low, high] = [valueOf(from), valueOf(to)];
    if (Number.isNaN(low) || Number.isNaN(high))
      return `failed to parse int from ${Number.isNaN(low) ? from : to}`;
    if (low < least) return `beginning of range (${low}) below minimum (${least}): ${part}`;
    if (high > most) return `end of range (${high}) above maximum (${most}): ${part}`;
    if (low > high) return `beginning of range (${low}) beyond end of range (${high}): ${part}`;
  }
  return undefined;
}

function isTimeZone(name: string): boolean {
  try {
    return Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

export const jobRules: TypeRules = {
  "batch.v1.JobSpec": job,
  "batch.v1.PodFailurePolicyRule": failureRule,
  "batch.v1.SuccessPolicyRule": successRule,
  "batch.v1.CronJobSpec": cronJob,
};
