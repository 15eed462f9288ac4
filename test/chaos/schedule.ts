import { Random } from "./random.ts";

/** The plugins of the standard set. */
export const plugins = ["cri-containerd", "cri-gvisor", "cni-bridge", "csi-hostpath", "device-gpu"] as const;
export type PluginName = (typeof plugins)[number];

export type FaultKind =
  | "kill plugin"
  | "kill core"
  | "kill containerd"
  | "stop plugin"
  | "stop core"
  | "fill disk"
  | "delete folder"
  | "slow verbs"
  | "lost answers"
  | "empty answers"
  | "clock jump";

export interface Fault {
  /** Milliseconds since the begin of the run. */
  readonly at: number;
  readonly kind: FaultKind;
  /** For faults of a plugin. */
  readonly plugin: PluginName | undefined;
  /** How long it lasts; 0 for what is over at once. */
  readonly lengthMs: number;
  /** By how much the clock is wrong, or how slow a verb is. */
  readonly amountMs: number;
}

/** How often each kind comes in a round; every round has all of them, in another order. */
const round: Readonly<Record<FaultKind, number>> = {
  "kill plugin": 4,
  "kill core": 2,
  "kill containerd": 1,
  "stop plugin": 2,
  "stop core": 1,
  "fill disk": 1,
  "delete folder": 1,
  "slow verbs": 2,
  "lost answers": 3,
  "empty answers": 1,
  "clock jump": 1,
};

/** Within a plugin's crash budget (5 ends in 10 minutes): what happens beyond it is for the operator to undo. */
const endsAllowed = 4;
const budgetMs = 600_000;

/** The same faults at the same moments for the same seed. */
export function planFaults(seed: number, durationMs: number): Fault[] {
  const random = new Random(seed);
  const ends = new Map<PluginName, number[]>();
  const faults: Fault[] = [];
  let bag: FaultKind[] = [];
  for (let at = random.between(200, 1000); at < durationMs; at += random.between(300, 2500)) {
    if (bag.length === 0) bag = random.shuffled(kinds());
    const kind = bag.pop()!;
    const plugin = random.pick(plugins);
    const lengthMs = lengthOf(kind, random);
    const amountMs =
      kind === "clock jump"
        ? random.pick([-1, 1]) * random.between(60_000, 5_400_000)
        : random.between(200, 3000);
    if (kind === "kill plugin" || kind === "delete folder") {
      const recent = (ends.get(plugin) ?? []).filter((end) => at - end < budgetMs);
      if (recent.length >= endsAllowed) continue;
      ends.set(plugin, [...recent, at]);
    }
    faults.push({ at, kind, plugin: needsPlugin(kind) ? plugin : undefined, lengthMs, amountMs });
  }
  return faults;
}

function kinds(): FaultKind[] {
  return Object.entries(round).flatMap(([kind, count]) =>
    Array.from({ length: count }, () => kind as FaultKind),
  );
}

function lengthOf(kind: FaultKind, random: Random): number {
  switch (kind) {
    case "stop plugin":
      return random.between(300, 8000);
    case "stop core":
    case "fill disk":
    case "clock jump":
      return random.between(500, 5000);
    case "slow verbs":
    case "lost answers":
    case "empty answers":
      return random.between(1000, 6000);
    default:
      return 0;
  }
}

function needsPlugin(kind: FaultKind): boolean {
  return /plugin|folder|verbs|answers/.test(kind);
}
