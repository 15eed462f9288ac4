import type { ProbeOutcome } from "./probe-contract.ts";

/** Everything that keeps a plugin that serves from being simply ready. */
export function whyDegraded(
  outcome: ProbeOutcome,
  more: {
    readonly unmet: string | undefined;
    readonly rolledBack: string | undefined;
    readonly refused: string | undefined;
  },
): string[] {
  return [
    outcome.ready ? undefined : outcome.reason || "it says that it is not ready and gives no reason",
    more.unmet,
    more.rolledBack,
    more.refused && `its new definition is refused: ${more.refused}`,
  ].filter((reason) => reason !== undefined);
}
