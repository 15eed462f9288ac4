import type { Probe } from "../../api/index.ts";

/** What a row of answers of one probe comes to. */
export interface ProbeState {
  readonly verdict: boolean | undefined;
  readonly row: { readonly success: boolean; readonly length: number };
}

export const unjudged: ProbeState = { verdict: undefined, row: { success: false, length: 0 } };

/** A verdict changes only after as many equal answers in a row as the probe's thresholds ask for. */
export function judge(state: ProbeState, success: boolean, probe: Probe): ProbeState {
  const length = state.row.length > 0 && state.row.success === success ? state.row.length + 1 : 1;
  const needed = success ? (probe.successThreshold ?? 1) : (probe.failureThreshold ?? 3);
  return { verdict: length >= needed ? success : state.verdict, row: { success, length } };
}
