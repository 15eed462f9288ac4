import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, Exchange, Scenario } from "./exchange.ts";
import { normalise } from "./normalise.ts";
import type { Sender } from "./sender.ts";

/** The answers to a scenario's exchanges, without what is another one each time. Throws when its namespace cannot be made. */
export async function play({ name, exchanges }: Scenario, sender: Sender): Promise<Answer[]> {
  const known: Record<string, string> = { ns: name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-") };
  await prepare(known["ns"]!, sender);
  const answers: Answer[] = [];
  for (const exchange of exchanges) {
    if (exchange.pause !== undefined) await sleep(exchange.pause);
    const answer = await awaited(filled(exchange, known), sender);
    for (const [taken, path] of Object.entries(exchange.take ?? {}))
      known[taken] = String(memberOf(answer.body, path));
    answers.push(normalise(answer));
  }
  return answers;
}

/** What controllers would do; none is at work. */
async function prepare(name: string, sender: Sender): Promise<void> {
  const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default" } };
  for (const { path, body } of [
    { path: "/api/v1/namespaces", body: { apiVersion: "v1", kind: "Namespace", metadata: { name } } },
    { path: `/api/v1/namespaces/${name}/serviceaccounts`, body: account },
  ]) {
    const { status, body: said } = await sender.send({ path, body });
    if (status !== 201) throw new Error(`namespace ${name}: ${JSON.stringify(said)}`);
  }
}

/** The answer, or the first one with the status that is waited for. */
async function awaited(exchange: Exchange, sender: Sender): Promise<Answer> {
  const { until, ...sent } = exchange;
  const end = Date.now() + 30_000;
  for (;;) {
    const answer = await sender.send(sent);
    if (until === undefined || answer.status === until || Date.now() > end) return answer;
    await sleep(100);
  }
}

function filled(exchange: Exchange, known: Readonly<Record<string, string>>): Exchange {
  const { take: _, pause: _pause, ...sent } = exchange;
  const fill = (value: unknown): unknown => {
    if (typeof value === "string")
      return value.replaceAll(/\{(\w+)\}/g, (all, name: string) => known[name] ?? all);
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, fill(member)]));
  };
  return fill(sent) as Exchange;
}

function memberOf(value: unknown, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((inside, name) => (inside as Record<string, unknown> | undefined)?.[name], value);
}
