import { type Connection, isRpcError, services } from "@berth/verbs";
import { unmetCondition } from "../capabilities/unmet-condition.ts";
import type { ContractKind } from "../contracts/plugin-types.ts";

/** `answered`: something spoke gRPC in time. `reason` is empty when it can do its work. */
export interface ProbeOutcome {
  readonly answered: boolean;
  readonly ready: boolean;
  readonly reason: string;
}

const alive: ProbeOutcome = { answered: true, ready: true, reason: "" };

/**
 * Asks a plugin how it is: through berth.plugin.v1, or through its own contract where it does not serve that. A runtime
 * is asked for its Status as well, as a kubelet does; `hostNetwork`: its network is the host's, which knows about that.
 */
export async function probe(
  connection: Connection,
  contract: ContractKind,
  options: { sdk: boolean; hostNetwork?: boolean; deadlineMs: number },
): Promise<ProbeOutcome> {
  const { deadlineMs, hostNetwork = false } = options;
  try {
    if (options.sdk) {
      const { ready, reason } = await connection.client(services.plugin).probe({}, { deadlineMs });
      if (!ready || contract !== "cri") return { answered: true, ready, reason };
      const unmet = await unmetIfTold(connection, { deadlineMs, hostNetwork });
      return unmet === "" ? alive : { answered: true, ready: false, reason: unmet };
    }
    const reason = await ask(connection, contract, deadlineMs);
    return reason === "" ? alive : { answered: true, ready: false, reason };
  } catch (error) {
    if (!isRpcError(error)) throw error;
    const silent = error.code === "DEADLINE_EXCEEDED" || error.code === "UNAVAILABLE";
    return { answered: !silent, ready: false, reason: error.detail };
  }
}

/** Why it cannot do its work, in its own words; empty when it can. */
async function ask(connection: Connection, contract: ContractKind, deadlineMs: number): Promise<string> {
  if (contract === "cri") {
    return unmetCondition(await connection.client(services.runtime).status({}, { deadlineMs }));
  }
  if (contract === "csi") {
    const { ready } = await connection.client(services.csiIdentity).probe({}, { deadlineMs });
    // CSI: a driver that leaves it out is ready.
    return ready?.value === false ? "the driver's Probe says that it is not ready yet" : "";
  }
  if (contract === "cni") await connection.client(services.network).version({}, { deadlineMs });
  else await connection.client(services.device).getDevicePluginOptions({}, { deadlineMs });
  return "";
}

/** A Status that comes late says nothing: the plugin has just answered how it is. */
async function unmetIfTold(
  connection: Connection,
  { deadlineMs, hostNetwork }: { deadlineMs: number; hostNetwork: boolean },
): Promise<string> {
  try {
    return unmetCondition(await connection.client(services.runtime).status({}, { deadlineMs }), hostNetwork);
  } catch (error) {
    if (isRpcError(error)) return "";
    throw error;
  }
}
