import { differences } from "./differences.ts";
import type { Answer, Scenario } from "./exchange.ts";

/** What differs in a scenario's answers, each line beginning with the exchange that it is about. */
export function compare(scenario: Scenario, real: readonly Answer[], ours: readonly Answer[]): string[] {
  return scenario.exchanges.flatMap(({ method, path, body }, index) => {
    const verb = method ?? (body === undefined ? "GET" : "POST");
    const at = `${scenario.name} #${index} ${verb} ${path}`;
    return differences(real[index], ours[index]).map((line) => `${at}\n    ${line}`);
  });
}
