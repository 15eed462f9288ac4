import { differences } from "./differences.ts";
import type { Answer, Scenario } from "./exchange.ts";
import { knownDifferences } from "./known-differences.ts";

/** What differs in the answers to a scenario, each text beginning with the exchange that it is about. */
export function compare(
  area: string,
  scenario: Scenario,
  real: readonly Answer[],
  ours: readonly Answer[],
): string[] {
  const known = knownDifferences[area]?.[scenario.name] ?? [];
  return scenario.exchanges.flatMap(({ method, path, body }, index) => {
    const verb = method ?? (body === undefined ? "GET" : "POST");
    const at = `${scenario.name} #${index} ${verb} ${path}`;
    const found = differencesOf(real[index]!, ours[index]!);
    if (!known.includes(index)) return found.map((line) => `${at}\n    ${line}`);
    return found.length > 0 ? [] : [`${at}\n    is answered alike: take it out of known-differences.ts`];
  });
}

/** Of two answers with different statuses nothing else says more. */
function differencesOf(real: Answer, ours: Answer): string[] {
  if (real.status === ours.status) return differences(real, ours);
  return [`real ${briefly(real)}\n    ours ${briefly(ours)}`];
}

function briefly({ status, body }: Answer): string {
  const { message } = (body ?? {}) as { message?: string };
  return `${status}: ${(message ?? JSON.stringify(body)).slice(0, 1000)}`;
}
