import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { startTestApiServer, type TestApiServer } from "./api-server.ts";

const run = promisify(execFile);

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The real kubectl, on an API server of its own or on one that is given and stays. */
export interface Kubectl {
  readonly api: TestApiServer;
  /** As an administrator. */
  run(...args: string[]): Promise<Outcome>;
  runAs(kubeconfig: string, ...args: string[]): Promise<Outcome>;
  /** Environment for a kubectl that a test starts itself. */
  readonly environment: NodeJS.ProcessEnv;
  /** Writes a file for `-f`. */
  manifest(name: string, text: string): Promise<string>;
  dispose(): Promise<void>;
}

export async function startKubectl(options: { api?: TestApiServer } = {}): Promise<Kubectl> {
  const api = options.api ?? (await startTestApiServer());
  const folder = await mkdtemp(join(tmpdir(), "berth-kubectl-"));
  const environmentOf = (kubeconfig: string): NodeJS.ProcessEnv => ({
    ...process.env,
    KUBECONFIG: kubeconfig,
    KUBECACHEDIR: join(folder, "cache"),
  });
  const runAs = async (kubeconfig: string, ...args: string[]): Promise<Outcome> => {
    try {
      const running = run("kubectl", args, { env: environmentOf(kubeconfig) });
      // Without credentials kubectl would ask for a name and wait.
      running.child.stdin?.end();
      const { stdout, stderr } = await running;
      return { code: 0, out: stdout, err: stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, out: stdout, err: stderr };
    }
  };
  return {
    api,
    run: (...args) => runAs(api.kubeconfig, ...args),
    runAs,
    environment: environmentOf(api.kubeconfig),
    async manifest(name, text) {
      const file = join(folder, `${name}.yaml`);
      await writeFile(file, text);
      return file;
    },
    async dispose() {
      if (!options.api) await api.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A pod of one container; `more` continues the container. */
export const podText = (name: string, more = ""): string => `
apiVersion: v1
kind: Pod
metadata: {name: ${name}, labels: {app: ${name}}}
spec:
  containers:
  - {name: main, image: busybox, command: [sleep, "1000"]${more}}
`;
