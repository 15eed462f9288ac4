import type { Job, JobStatus } from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import { FieldPath } from "../errors/field-path.ts";
import { deepEqual } from "../json/json-value.ts";
import { indexIntervals, wrongIndexes } from "./index-intervals.ts";
import { countsIn } from "./status-rules.ts";

const at = FieldPath.of("status");
const checkCounts = countsIn("active", "succeeded", "failed", "ready", "terminating");

type Told = Partial<JobStatus>;

function has({ conditions }: Told, type: string, status = "True"): boolean {
  return (conditions ?? []).some((one) => one.type === type && one.status === status);
}

const isFinished = (status: Told): boolean => has(status, "Complete") || has(status, "Failed");

/**
 * What a job's controller, ours or another, may say of it. Most is only asked of what the write changes: a job that is wrong already
 * can still be written.
 */
export function checkJobStatus(job: Job, old: Job, errors: FieldErrors): void {
  const [now, before]: [Told, Told] = [job.status ?? {}, old.status ?? {}];
  checkCounts(job as never, errors);
  checkUncounted(now, errors);
  checkEnd(job, now, before, errors);
  checkIndexes(job, now, before, errors);
  const finished = isFinished(now);
  const changed = changesOf(now, before);
  if (changed(isFinished, "terminating") && finished && (now.terminating ?? 0) > 0)
    errors.invalid(at.child("terminating"), now.terminating, "terminating>0 is invalid for finished job");
  if (changed("ready", "active") && now.ready !== undefined && now.ready > (now.active ?? 0))
    errors.invalid(at.child("ready"), now.ready, "cannot set more ready pods than active");
  checkContradictions(job, now, errors);
  checkSteps(job, now, before, errors);
}

type Aspect = keyof JobStatus | ((status: Told) => boolean);

/** Tells whether a write changes one of these. */
function changesOf(now: Told, before: Told): (...aspects: Aspect[]) => boolean {
  const valueOf = (status: Told, aspect: Aspect): unknown =>
    typeof aspect === "function" ? aspect(status) : (status[aspect] ?? null);
  return (...aspects) => aspects.some((aspect) => !deepEqual(valueOf(now, aspect), valueOf(before, aspect)));
}

const is =
  (type: string) =>
  (status: Told): boolean =>
    has(status, type);
const [isComplete, isFailed] = [is("Complete"), is("Failed")];
const [isFailing, isMet] = [is("FailureTarget"), is("SuccessCriteriaMet")];

function checkUncounted({ uncountedTerminatedPods: uncounted }: Told, errors: FieldErrors): void {
  const seen = new Set<string>();
  for (const member of ["succeeded", "failed"] as const) {
    for (const [index, uid] of (uncounted?.[member] ?? []).entries()) {
      const here = at.child("uncountedTerminatedPods", member).at(index);
      if (uid === "") errors.invalid(here, uid, "must not be empty");
      else if (seen.has(uid)) errors.duplicate(here, uid);
      seen.add(uid);
    }
  }
}

/** How a job ends: with a time, without pods, and not in two ways. */
function checkEnd({ spec }: Job, now: Told, before: Told, errors: FieldErrors): void {
  const changed = changesOf(now, before);
  const conditions = at.child("conditions");
  const ends = at.child("completionTime");
  const { completionTime, startTime, uncountedTerminatedPods: uncounted } = now;
  if (changed(isComplete, isFailed) && isComplete(now) && isFailed(now))
    errors.invalidUnshown(conditions, "cannot set Complete=True and Failed=true conditions");
  if (changed(isComplete, isFailing) && isComplete(now) && isFailing(now))
    errors.invalidUnshown(conditions, "cannot set Complete=True and FailureTarget=true conditions");
  if (changed(isComplete, "completionTime")) {
    if (completionTime && !isComplete(now)) {
      const why = "cannot set completionTime when there is no Complete=True condition";
      errors.invalid(ends, completionTime, why);
    }
    if (!completionTime && isComplete(now))
      errors.required(ends, "completionTime is required for Complete jobs");
  }
  const isEarly = startTime && completionTime && Date.parse(completionTime) < Date.parse(startTime);
  if (changed("startTime", "completionTime") && isEarly)
    errors.invalid(ends, completionTime, "must be equal to or after `startTime`");
  if (changed(isFailed, "failedIndexes") && isFailed(now) && !isFailing(now)) {
    const why = "cannot set Failed=True condition without the FailureTarget=true condition";
    errors.invalidUnshown(conditions, why);
  }
  if (changed(isComplete, isMet) && isComplete(now) && !isMet(now)) {
    const why = "cannot set Complete=True condition without the SuccessCriteriaMet=true condition";
    errors.invalidUnshown(conditions, why);
  }
  if (!isFinished(now)) return;
  if (changed(isFinished, "active") && (now.active ?? 0) > 0)
    errors.invalid(at.child("active"), now.active, "active>0 is invalid for finished job");
  const isIdle = spec.suspend === true && spec.completions === 0;
  if (changed(isFinished, "startTime") && !isIdle && !startTime)
    errors.required(at.child("startTime"), "startTime is required for finished job");
  const left = [...(uncounted?.succeeded ?? []), ...(uncounted?.failed ?? [])];
  if (changed(isFinished, "uncountedTerminatedPods") && left.length > 0) {
    const shown = { Succeeded: uncounted?.succeeded ?? null, Failed: uncounted?.failed ?? null };
    errors.invalid(at.child("uncountedTerminatedPods"), shown, "must be empty for finished job");
  }
}

function checkIndexes({ spec }: Job, now: Told, before: Told, errors: FieldErrors): void {
  const changed = changesOf(now, before);
  const { completedIndexes: completed = "", failedIndexes: failed } = now;
  const { completions } = spec;
  const [done, lost] = [at.child("completedIndexes"), at.child("failedIndexes")];
  const isNew = changed("completedIndexes");
  if (isNew && completions !== undefined) {
    const wrong = wrongIndexes(completed, completions);
    if (wrong) errors.invalid(done, completed, `error parsing completedIndexes: ${wrong}`);
  }
  const isPerIndex = spec.backoffLimitPerIndex !== undefined;
  if (changed("failedIndexes") && completions !== undefined && isPerIndex && failed !== undefined) {
    const wrong = wrongIndexes(failed, completions);
    if (wrong) errors.invalid(lost, failed, `error parsing failedIndexes: ${wrong}`);
  }
  if (isNew && completed !== "" && spec.completionMode !== "Indexed") {
    const why = "cannot set non-empty completedIndexes when non-indexed completion mode";
    errors.invalid(done, completed, why);
  }
  if (changed("failedIndexes") && !isPerIndex && failed !== undefined)
    errors.invalid(lost, failed, "cannot set non-null failedIndexes when backoffLimitPerIndex is null");
  if (changed("failedIndexes", "completedIndexes") && completions !== undefined && failed !== undefined) {
    const shared = overlap(completed, failed, completions);
    if (shared !== undefined)
      errors.invalid(lost, failed, `failedIndexes and completedIndexes overlap at index: ${shared}`);
  }
}

/** The first index in both. */
function overlap(some: string, others: string, completions: number): number | undefined {
  for (const [from, to] of indexIntervals(some, completions))
    for (const [first, last] of indexIntervals(others, completions))
      if (from <= last && first <= to) return Math.max(from, first);
  return undefined;
}

function checkContradictions({ spec }: Job, now: Told, errors: FieldErrors): void {
  const conditions = at.child("conditions");
  if (isMet(now) && isFailed(now))
    errors.invalidUnshown(conditions, "cannot set SuccessCriteriaMet=True and Failed=true conditions");
  if (isMet(now) && isFailing(now))
    errors.invalidUnshown(conditions, "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions");
  if (spec.successPolicy && !isMet(now) && isComplete(now)) {
    const why = "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True";
    errors.invalidUnshown(conditions, why);
  }
}

/** What is never taken back. */
function checkSteps({ spec }: Job, now: Told, before: Told, errors: FieldErrors): void {
  const conditions = at.child("conditions");
  for (const type of ["Failed", "Complete", "FailureTarget"])
    if (has(before, type) && !has(now, type))
      errors.invalidUnshown(conditions, `cannot disable the terminal ${type}=True condition`);
  const isScaled = spec.completionMode === "Indexed" && spec.completions === spec.parallelism;
  for (const member of ["failed", "succeeded"] as const) {
    if (member === "succeeded" && isScaled) continue;
    const count = now[member] ?? 0;
    if (count < (before[member] ?? 0))
      errors.invalid(at.child(member), count, `cannot decrease the ${member} counter`);
  }
  const { completionTime, startTime } = now;
  if (completionTime && before.completionTime && completionTime !== before.completionTime)
    errors.invalid(at.child("completionTime"), completionTime, "field is immutable");
  const resumes = has(before, "Suspended") && has(now, "Suspended", "False");
  if (before.startTime && startTime !== before.startTime && !resumes && spec.suspend !== true) {
    const why = "field is immutable for unsuspended job once set";
    errors.invalid(at.child("startTime"), startTime ?? null, why);
  }
  if (isMet(before) && !isMet(now))
    errors.invalidUnshown(conditions, "cannot disable the SuccessCriteriaMet=True condition");
  if (isComplete(before) && !isMet(before) && isMet(now)) {
    const why = "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions";
    errors.invalidUnshown(conditions, why);
  }
}
