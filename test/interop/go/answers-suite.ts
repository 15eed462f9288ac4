import { join } from "node:path";
import { startTestApiServer } from "../../support/api-server.ts";
import { type Area, readAreas, writeRecord } from "../answers/areas.ts";
import { compare } from "../answers/compare.ts";
import type { Answer } from "../answers/exchange.ts";
import { play } from "../answers/play.ts";
import { connect } from "../answers/sender.ts";
import { runDocumentsSuite } from "./documents-suite.ts";
import { startKubeApiserver } from "./kube-apiserver.ts";
import { emptyTally, type Tally } from "./tally.ts";

/** Plays the scenarios to the real server and to ours, and records what the real one answered. */
export async function runAnswersSuite(
  program: string,
  _root: string,
  folder: string,
  wanted: readonly string[],
): Promise<Tally> {
  const tally = emptyTally();
  const areas = await readAreas();
  const names = ["documents", ...areas.map(({ name }) => name)];
  const unknown = wanted.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new Error(`there are no scenarios ${unknown}: name some of ${names.join(", ")}, or none for all`);
  if (wanted.length === 0 || wanted.includes("documents")) await runDocumentsSuite(program, folder, tally);
  for (const area of areas.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
    await using real = await startKubeApiserver(program, join(folder, area.name));
    const api = await startTestApiServer();
    try {
      await playArea(area, real.kubeconfig, api.kubeconfig, tally);
    } finally {
      await api.dispose();
    }
  }
  return tally;
}

async function playArea(area: Area, real: string, ours: string, tally: Tally): Promise<void> {
  using there = await connect(real);
  using here = await connect(ours);
  const record = new Map<string, Answer[]>();
  for (const scenario of area.scenarios) {
    const name = `${area.name}: ${scenario.name}`;
    const expected = await play(scenario, there);
    record.set(scenario.name, expected);
    const found = compare(area.name, scenario, expected, await play(scenario, here));
    if (found.length === 0) tally.passed++;
    else if (scenario.differs === undefined) tally.failed.push({ name, why: found.join("\n    ") });
    else tally.skipped.push(`${name}: ${scenario.differs}`);
  }
  writeRecord(area.name, record);
}
