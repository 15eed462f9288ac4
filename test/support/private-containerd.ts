import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ContainerdConnection } from "@berth/containerd";
import { unmountUnder } from "@berth/linux";

/** A containerd of the test's own, configured as a plugin's manifest says, with everything under one folder. */
export interface PrivateContainerd extends AsyncDisposable {
  readonly endpoint: string;
  readonly folder: string;
  readonly pid: number;
  /** kill -9 and a new daemon on the same folder; its shims live through it. */
  restart(): Promise<void>;
}

const readyTimeoutMs = 60_000;

export async function startPrivateContainerd(manifestPath: string): Promise<PrivateContainerd> {
  const folder = mkdtempSync(join(tmpdir(), "berth-ctd-"));
  const manifest = JSON.parse(readFileSync(manifestPath, "utf8")) as {
    daemons: { files: Record<string, string> }[];
  };
  const template = manifest.daemons[0]!.files["containerd.toml"]!;
  const config = join(folder, "containerd.toml");
  for (const name of ["state", "run"]) mkdirSync(join(folder, name));
  writeFileSync(
    config,
    template.replaceAll("${state}", join(folder, "state")).replaceAll("${run}", join(folder, "run")),
  );
  const endpoint = `unix://${join(folder, "run/containerd.sock")}`;
  let child = await launch(config, folder, endpoint);
  return {
    endpoint,
    folder,
    get pid() {
      return child.pid!;
    },
    async restart() {
      await end(child, "SIGKILL");
      child = await launch(config, folder, endpoint);
    },
    async [Symbol.asyncDispose]() {
      await end(child, "SIGTERM");
      unmountUnder(folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function launch(config: string, folder: string, endpoint: string): Promise<ChildProcess> {
  const log = openSync(join(folder, "containerd.log"), "a");
  const child = spawn("containerd", ["--config", config], { stdio: ["ignore", log, log], detached: true });
  const connection = new ContainerdConnection({ endpoint, namespace: "probe" });
  try {
    await connection.waitForReady(readyTimeoutMs);
  } finally {
    connection.dispose();
  }
  return child;
}

function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once("exit", () => resolve());
    child.kill(signal);
  });
}
