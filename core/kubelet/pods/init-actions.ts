import { type ActualContainer, containersNamed } from "../actual/pod-actual.ts";
import { type ActionDraft, type DecisionInput, decideRunning, decideStart } from "./decisions.ts";
import { initContainers, type PodContainer, regularContainers } from "./pod-containers.ts";
import { shouldRestart } from "./restart-policy.ts";

/**
 * Init containers run one after the other, each to its end; a sidecar is passed as soon as it has started. `done`
 * lets the regular containers start, `failed` means that the pod cannot become initialized any more.
 */
export function decideInitContainers(
  input: DecisionInput,
  sandboxId: string,
  draft: ActionDraft,
): "done" | "waiting" | "failed" {
  const begun = hasBegun(input, sandboxId);
  for (const container of initContainers(input.pod)) {
    const last = newestIn(input, sandboxId, container.spec.name);
    const step =
      container.role === "sidecar"
        ? decideSidecar(input, container, last, draft)
        : begun
          ? "passed"
          : decideInit(input, container, last, draft);
    if (step === "failed") return "failed";
    if (step === "waiting" && !begun) return "waiting";
  }
  return "done";
}

/** Ended init containers may have been removed since; a regular container beside them proves that they had ended. */
function hasBegun(input: DecisionInput, sandboxId: string): boolean {
  return regularContainers(input.pod).some((container) => newestIn(input, sandboxId, container.spec.name));
}

function decideInit(
  input: DecisionInput,
  container: PodContainer,
  last: ActualContainer | undefined,
  draft: ActionDraft,
): "passed" | "waiting" | "failed" {
  if (input.busy.has(container.spec.name) || last?.phase === "running") return "waiting";
  if (last?.phase === "exited" && last.exitCode === 0) return "passed";
  if (last && last.phase !== "created" && !shouldRestart(input.pod, container.spec, "init", last))
    return "failed";
  decideStart(input, container, last, draft);
  return "waiting";
}

function decideSidecar(
  input: DecisionInput,
  container: PodContainer,
  last: ActualContainer | undefined,
  draft: ActionDraft,
): "passed" | "waiting" {
  if (input.busy.has(container.spec.name)) return "waiting";
  if (last?.phase === "running") {
    decideRunning(input, container, last, draft);
    const started = !container.spec.startupProbe || input.probes.startup(last.id) === true;
    return started ? "passed" : "waiting";
  }
  decideStart(input, container, last, draft);
  return "waiting";
}

/** An init container of a former sandbox has initialized that one, not this. */
function newestIn(input: DecisionInput, sandboxId: string, name: string): ActualContainer | undefined {
  return containersNamed(input.actual, name).find((container) => container.sandboxId === sandboxId);
}
