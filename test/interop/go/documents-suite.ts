import { join } from "node:path";
import { startTestApiServer } from "../../support/api-server.ts";
import { differences } from "../answers/differences.ts";
import { differentParts, hashesOf, readDocuments, writeDocumentRecord } from "../answers/documents.ts";
import { knownDocumentDifferences } from "../answers/known-document-differences.ts";
import { connect } from "../answers/sender.ts";
import { startKubeApiserver } from "./kube-apiserver.ts";
import type { Tally } from "./tally.ts";

/** Compares what the real server and ours tell of their API, and records what the real one tells. */
export async function runDocumentsSuite(program: string, folder: string, tally: Tally): Promise<void> {
  await using real = await startKubeApiserver(program, join(folder, "documents"));
  const api = await startTestApiServer();
  try {
    using there = await connect(real.kubeconfig);
    using here = await connect(api.kubeconfig);
    const expected = await readDocuments(there);
    const told = await readDocuments(here);
    const hashes = hashesOf(expected);
    writeDocumentRecord(hashes);
    const found = differentParts(hashes, hashesOf(told));
    tally.passed += expected.size - found.length;
    for (const name of found) {
      if (knownDocumentDifferences.includes(name)) tally.skipped.push(`documents: ${name}: is known`);
      else {
        const why = differences(expected.get(name), told.get(name)).join("\n    ");
        tally.failed.push({ name: `documents: ${name}`, why });
      }
    }
  } finally {
    await api.dispose();
  }
}
