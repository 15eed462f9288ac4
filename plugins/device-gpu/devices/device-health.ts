/** suspect and recovering are on the way: one bad look does not end a device, one good look does not bring it back. */
export type HealthState = "healthy" | "suspect" | "unhealthy" | "recovering";

export interface DeviceHealth {
  readonly state: HealthState;
  /** What was seen; empty while healthy. */
  readonly evidence: string;
  /** Looks in a row that said the same while on the way. */
  readonly looks: number;
}

/** What one look at a device found. A `certain` fault (the driver has lost it) needs no second look. */
export type Look =
  | { readonly good: true }
  | { readonly good: false; readonly evidence: string; readonly certain: boolean };

export const healthy: DeviceHealth = { state: "healthy", evidence: "", looks: 0 };

/** The next state, both ways: bad looks take a device out, good looks in a row bring it back. */
export function nextHealth(now: DeviceHealth, look: Look, recoverAfter: number): DeviceHealth {
  if (!look.good) {
    const certain = look.certain || now.state !== "healthy";
    return { state: certain ? "unhealthy" : "suspect", evidence: look.evidence, looks: 0 };
  }
  if (now.state === "healthy" || now.state === "suspect") return healthy;
  const looks = now.looks + 1;
  return looks >= recoverAfter ? healthy : { state: "recovering", evidence: now.evidence, looks };
}

/** The contract knows two words. A suspect device stays in use; a recovering one is not given out yet. */
export function contractHealth({ state }: DeviceHealth): "Healthy" | "Unhealthy" {
  return state === "healthy" || state === "suspect" ? "Healthy" : "Unhealthy";
}
