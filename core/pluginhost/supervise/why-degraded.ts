import type { Definition } from "./definition.ts";
import type { ProbeOutcome } from "./probe-contract.ts";
import type { Setbacks } from "./setbacks.ts";

/** Everything that keeps a plugin that serves from being simply ready; empty when nothing does. */
export function whyDegraded(
  outcome: ProbeOutcome,
  unmet: string | undefined,
  { reason: rolledBack }: Pick<Setbacks, "reason">,
  { refused }: Pick<Definition, "refused">,
): string {
  return [
    outcome.ready ? undefined : outcome.reason || "it says that it is not ready and gives no reason",
    unmet,
    rolledBack,
    refused && `its new definition is refused: ${refused}`,
  ]
    .filter((reason) => reason !== undefined)
    .join("; ");
}
