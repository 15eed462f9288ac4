import { newestContainer, type PodActual } from "../actual/pod-actual.ts";
import { ActionDraft, type DecisionInput, decideRunning, decideStart, type PodActions } from "./decisions.ts";
import { decideInitContainers } from "./init-actions.ts";
import { ephemeralContainers, type PodContainer, regularContainers } from "./pod-containers.ts";
import { shouldRestart } from "./restart-policy.ts";

/** Compares a pod as it should be with what the runtime has of it. Pure: the same input gives the same answer. */
export function computePodActions(input: DecisionInput): PodActions {
  const draft = new ActionDraft();
  const newest = input.actual.sandboxes[0];
  if (!newest?.ready) {
    if (mayRunAgain(input)) draft.createSandbox = newest ? newest.attempt + 1 : 0;
    else draft.finished = input.busy.size === 0;
    return draft;
  }
  const initialized = decideInitContainers(input, newest.id, draft);
  if (initialized === "failed") {
    draft.finished = input.busy.size === 0 && !anyRunning(input.actual);
    killRunning(input, draft, "the pod failed while it was initialized");
    return draft;
  }
  if (initialized === "waiting") return draft;
  const open = regularContainers(input.pod).filter((container) => decideRegular(input, container, draft));
  if (open.length > 0) {
    decideEphemeral(input, newest.id, draft);
  } else if (input.busy.size === 0) {
    draft.start.length = 0;
    draft.kill.length = 0;
    killRunning(input, draft, "all other containers of the pod have ended");
    draft.finished = draft.kill.length === 0;
  }
  return draft;
}

/** Without a usable sandbox: whether any container would be started in a new one. */
function mayRunAgain(input: DecisionInput): boolean {
  if (input.actual.sandboxes.length === 0 && Object.keys(input.restarts).length === 0) return true;
  const regular = regularContainers(input.pod);
  const known = regular.map((container) => ({
    container,
    last: newestContainer(input.actual, container.spec.name),
  }));
  if (known.every(({ container, last }) => !last && input.restarts[container.spec.name] === undefined)) {
    const failedInit = (input.pod.spec?.initContainers ?? []).some((spec) => {
      const last = newestContainer(input.actual, spec.name);
      return last?.phase === "exited" && last.exitCode !== 0;
    });
    return !(failedInit && input.pod.spec?.restartPolicy === "Never");
  }
  return known.some(({ container, last }) =>
    last
      ? shouldRestart(input.pod, container.spec, container.role, last)
      : input.restarts[container.spec.name] === undefined || input.pod.spec?.restartPolicy !== "Never",
  );
}

/** Adds what must happen to a regular container; true while it runs or will run. */
function decideRegular(input: DecisionInput, container: PodContainer, draft: ActionDraft): boolean {
  const { name } = container.spec;
  if (input.busy.has(name)) return true;
  const last = newestContainer(input.actual, name);
  if (last?.phase === "running") {
    decideRunning(input, container, last, draft);
    return true;
  }
  if (last && last.phase !== "created" && !shouldRestart(input.pod, container.spec, container.role, last)) {
    return false;
  }
  decideStart(input, container, last, draft);
  return true;
}

function decideEphemeral(input: DecisionInput, sandboxId: string, draft: ActionDraft): void {
  for (const container of ephemeralContainers(input.pod)) {
    const { name } = container.spec;
    const last = newestContainer(input.actual, name);
    if (input.busy.has(name)) continue;
    if (!last && input.restarts[name] === undefined) {
      draft.start.push({ container, attempt: 0, replaces: undefined, restart: false });
    } else if (last?.phase === "created" && last.sandboxId === sandboxId) {
      draft.start.push({ container, attempt: last.attempt, replaces: last.id, restart: false });
    }
  }
}

function anyRunning(actual: PodActual): boolean {
  return actual.containers.some((container) => container.phase === "running");
}

/** Sidecars and ephemeral containers end with the last container they serve. */
function killRunning(input: DecisionInput, draft: ActionDraft, why: string): void {
  const known = [...(input.pod.spec?.initContainers ?? []), ...(input.pod.spec?.ephemeralContainers ?? [])];
  for (const running of input.actual.containers) {
    if (running.phase !== "running" || input.busy.has(running.name)) continue;
    const spec = known.find((candidate) => candidate.name === running.name);
    if (!spec) continue;
    const container: PodContainer = { role: "sidecar", spec };
    draft.kill.push({
      id: running.id,
      container,
      reason: "finished",
      message: `Stopping container ${running.name}: ${why}`,
    });
  }
}
