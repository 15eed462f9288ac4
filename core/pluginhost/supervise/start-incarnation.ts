import { errorMessage, isBerthError } from "@berth/base";
import type { LastCause } from "../contracts/plugin-types.ts";
import { makeFolders } from "../launch/make-folders.ts";
import type { Manifest } from "../manifest/manifest.ts";
import { Incarnation } from "./incarnation.ts";
import type { LaunchPlan } from "./launch-plan.ts";
import { introduce, type Introduction } from "./session.ts";
import type { SupervisorParts } from "./supervisor-parts.ts";

/** An incarnation that is introduced but does not write yet, or why there is none. */
export type Started =
  | { ok: true; incarnation: Incarnation; introduction: Introduction }
  /** `ran`: it was a process; otherwise the host could not even start one. */
  | { ok: false; cause: LastCause; ran: boolean };

/** Whoever wants a start may have to end it before it is through. */
export interface StartWatch {
  /** Asked when its turn has come. */
  isCalledOff(): boolean;
  onLaunch(incarnation: Incarnation): void;
}

/** Launches a plan and takes it through hello, describe and configure within its start budget. */
export function startIncarnation(
  parts: SupervisorParts,
  plan: LaunchPlan,
  number: number,
  watch: StartWatch,
): Promise<Started> {
  return parts.turns.take(() => startNow(parts, plan, number, watch));
}

async function startNow(
  parts: SupervisorParts,
  plan: LaunchPlan,
  number: number,
  watch: StartWatch,
): Promise<Started> {
  const { clock, logger } = parts;
  let incarnation: Incarnation | undefined;
  try {
    if (watch.isCalledOff()) throw new Error("it was called off before it began");
    await openSockets(parts, plan.manifest);
    incarnation = await Incarnation.launch(parts, plan, number);
    watch.onLaunch(incarnation);
    const introduction = await introduceTo(parts, incarnation, plan.manifest.startBudgetSeconds * 1000);
    return { ok: true, incarnation, introduction };
  } catch (error) {
    const message = errorMessage(error);
    logger.warn("start failed", { incarnation: number, error: message });
    const nobody = { at: new Date(clock.now()).toISOString(), incarnation: number, pid: 0, message };
    const cause = (await incarnation?.end(message)) ?? nobody;
    const code = isBerthError(error) ? { code: error.code } : {};
    return { ok: false, cause: { ...cause, ...code }, ran: incarnation !== undefined };
  }
}

/** Why a start failed, and where more about it stands. */
export function failureOf(
  { cause, ran }: Extract<Started, { ok: false }>,
  { plugin }: Pick<SupervisorParts, "plugin">,
): string {
  return ran
    ? `${cause.message}; see berth plugin logs ${plugin} --incarnation ${cause.incarnation}`
    : cause.message;
}

/** Folders and sockets of the plugin; what somebody deleted meanwhile is there again. */
async function openSockets(parts: SupervisorParts, manifest: Manifest): Promise<void> {
  await makeFolders(parts.paths);
  await parts.handshakes.listen();
  await parts.offerHost(manifest);
}

/** Hello, describe and configure, each configuration with a number of its own. */
export function introduceTo(
  parts: SupervisorParts,
  incarnation: Incarnation,
  budgetMs: number,
): Promise<Introduction> {
  const { clock, logger, memory } = parts;
  const configGeneration = memory.nextConfigGeneration();
  return introduce(incarnation, { clock, logger, budgetMs, configGeneration });
}
