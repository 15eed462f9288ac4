import type { Scenario } from "./exchange.ts";

/** By scenario: places of the exchanges that ours still answers in another way. They are not played. */
const left: Readonly<Record<string, readonly number[]>> = {};

export function withoutKnown(scenario: Scenario): Scenario {
  const places = new Set(left[scenario.name]);
  return places.size === 0
    ? scenario
    : { ...scenario, exchanges: scenario.exchanges.filter((_, index) => !places.has(index)) };
}
