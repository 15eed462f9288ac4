import { join } from "node:path";
import { startTestApiServer } from "../../support/api-server.ts";
import {
  differences,
  perform,
  readTranscripts,
  type Transcript,
  writeTranscript,
} from "../transcripts/transcript.ts";
import { startKubeApiserver } from "./kube-apiserver.ts";
import { emptyTally, type Tally } from "./tally.ts";

/** Types each transcript's commands to the real server and to ours, and records what kubectl said of the real one. */
export async function runTranscriptsSuite(
  program: string,
  _root: string,
  folder: string,
  wanted: readonly string[],
): Promise<Tally> {
  const tally = emptyTally();
  const all = readTranscripts();
  const unknown = wanted.find((name) => !all.some((transcript) => transcript.name === name));
  if (unknown !== undefined)
    throw new Error(
      `there is no transcript ${unknown}: name some of ${all.map(({ name }) => name).join(", ")}, or none for all`,
    );
  for (const transcript of all.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
    await using real = await startKubeApiserver(program, join(folder, transcript.name));
    const recorded = await perform(transcript, real.kubeconfig);
    writeTranscript(recorded);
    const found = differences(recorded, await performToOurs(transcript));
    if (found.length === 0) tally.passed++;
    for (const why of found) tally.failed.push({ name: transcript.name, why });
  }
  return tally;
}

async function performToOurs(transcript: Transcript): Promise<Transcript> {
  const api = await startTestApiServer();
  try {
    return await perform(transcript, api.kubeconfig);
  } finally {
    await api.dispose();
  }
}
