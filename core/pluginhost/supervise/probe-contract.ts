import type { StatusResponse__Output } from "@berth/proto/generated/cri/runtime/v1/StatusResponse.ts";
import { type Connection, isRpcError, services } from "@berth/verbs";
import type { ContractKind } from "../contracts/plugin-types.ts";

/** `answered`: something spoke gRPC in time. `reason` is empty when it can do its work. */
export interface ProbeOutcome {
  readonly answered: boolean;
  readonly ready: boolean;
  readonly reason: string;
}

const alive: ProbeOutcome = { answered: true, ready: true, reason: "" };

/** Asks a plugin how it is: through berth.plugin.v1, or through its own contract where it does not serve that. */
export async function probe(
  connection: Connection,
  contract: ContractKind,
  options: { sdk: boolean; deadlineMs: number },
): Promise<ProbeOutcome> {
  const { deadlineMs } = options;
  try {
    if (options.sdk) {
      const { ready, reason } = await connection.client(services.plugin).probe({}, { deadlineMs });
      return { answered: true, ready, reason };
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
  if (contract === "csi") await connection.client(services.csiIdentity).probe({}, { deadlineMs });
  else if (contract === "cni") await connection.client(services.network).version({}, { deadlineMs });
  else await connection.client(services.device).getDevicePluginOptions({}, { deadlineMs });
  return "";
}

function unmetCondition({ status }: StatusResponse__Output): string {
  const unmet = status?.conditions.find((condition) => !condition.status);
  return unmet ? `${unmet.type}: ${unmet.message || unmet.reason}` : "";
}
