import { differences } from "./differences.ts";
import type { Answer, Scenario } from "./exchange.ts";

/** What differs in a scenario's answers, each line beginning with the exchange that it is about. */
export function compare(scenario: Scenario, real: readonly Answer[], ours: readonly Answer[]): string[] {
  return scenario.exchanges.flatMap(({ method, path, body, differs }, index) => {
    if (differs !== undefined) return [];
    const verb = method ?? (body === undefined ? "GET" : "POST");
    const at = `${scenario.name} #${index} ${verb} ${path}`;
    return differencesOf(real[index]!, ours[index]!).map((line) => `${at}\n    ${line}`);
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
