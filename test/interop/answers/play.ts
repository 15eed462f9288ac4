import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, Exchange, Scenario } from "./exchange.ts";
import { normalise } from "./normalise.ts";
import type { Sender } from "./sender.ts";

/** The answers to a scenario's exchanges, without what is another one each time. Throws when its namespace cannot be made. */
export async function play({ name, exchanges }: Scenario, sender: Sender): Promise<Answer[]> {
  const known: Record<string, string> = { ns: name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-") };
  await prepare(known["ns"]!, sender);
  const answers: Answer[] = [];
  for (const exchange of exchanges) answers.push(normalise(await playOne(exchange, known, sender)));
  return answers;
}

async function playOne(exchange: Exchange, known: Record<string, string>, sender: Sender): Promise<Answer> {
  if (exchange.pause !== undefined) await sleep(exchange.pause);
  const answer = await awaited(filled(exchange, known), exchange.until, (sent) =>
    sender.send(sent, async () => {
      for (const other of exchange.during ?? []) await playOne(other, known, sender);
    }),
  );
  for (const [taken, path] of Object.entries(exchange.take ?? {}))
    known[taken] = String(memberOf(answer.body, path));
  return answer;
}

/** The answer, or the first one with the status that is waited for. */
async function awaited(
  exchange: Exchange,
  until: number | undefined,
  send: (exchange: Exchange) => Promise<Answer>,
): Promise<Answer> {
  const end = performance.now() + 30_000;
  for (;;) {
    const answer = await send(exchange);
    if (until === undefined || answer.status === until || performance.now() > end) return answer;
    await sleep(100);
  }
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

function filled(exchange: Exchange, known: Readonly<Record<string, string>>): Exchange {
  const { take: _, pause: _pause, during: _during, until: _until, ...sent } = exchange;
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
