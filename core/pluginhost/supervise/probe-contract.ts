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
    await ask(connection, contract, deadlineMs);
    return alive;
  } catch (error) {
    if (!isRpcError(error)) throw error;
    const silent = error.code === "DEADLINE_EXCEEDED" || error.code === "UNAVAILABLE";
    return { answered: !silent, ready: false, reason: error.detail };
  }
}

async function ask(connection: Connection, contract: ContractKind, deadlineMs: number): Promise<void> {
  switch (contract) {
    case "cri":
      await connection.client(services.runtime).version({}, { deadlineMs });
      return;
    case "csi":
      await connection.client(services.csiIdentity).probe({}, { deadlineMs });
      return;
    case "cni":
      await connection.client(services.network).version({}, { deadlineMs });
      return;
    case "device":
      await connection.client(services.device).getDevicePluginOptions({}, { deadlineMs });
  }
}
