import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { coreFlags } from "../../../core/main/up/core-flags.ts";
import type { Place } from "./load.ts";
import { type LineProcess, startHelper } from "./processes.ts";

/** A server of its own with an empty store, run by Node as `berth up` has it, for as long as the work takes. */
export async function withServer<T>(
  work: (place: Place, server: LineProcess, folder: string) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "berth-bench-api-"));
  const server = startHelper("bench-server", folder, coreFlags);
  try {
    return await work(JSON.parse(await server.line()) as Place, server, folder);
  } finally {
    await server.end();
    await rm(folder, { recursive: true, force: true });
  }
}
