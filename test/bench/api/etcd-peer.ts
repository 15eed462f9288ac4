import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { errorMessage } from "@berth/base";
import type { Figures, Report } from "../suite.ts";

/** etcd's own load generator, where it is installed: writes of 1 kB by 500 clients, at most 8 000 a second. */
export async function etcdPeer(folder: string, report: Report): Promise<Figures | undefined> {
  const run = promisify(execFile);
  const port = 20_000 + (process.pid % 20_000);
  const client = `http://127.0.0.1:${port}`;
  const args = ["--data-dir", join(folder, "etcd"), "--log-level", "error"];
  const listen = ["--listen-client-urls", client, "--advertise-client-urls", client];
  const peers = ["--listen-peer-urls", `http://127.0.0.1:${port + 1}`];
  const stop = new AbortController();
  const etcd = run("etcd", [...args, ...listen, ...peers], { signal: stop.signal }).catch(
    (error: unknown) => error,
  );
  try {
    await run("etcdctl", ["--endpoints", client, "endpoint", "health", "--dial-timeout=10s"], {
      env: { ...process.env, ETCDCTL_API: "3" },
    });
    report("etcd measures itself (a minute)");
    const { stdout } = await run("etcdctl", ["--endpoints", client, "check", "perf", "--load=l"], {
      env: { ...process.env, ETCDCTL_API: "3" },
      maxBuffer: 1 << 24,
    }).catch((error: { stdout?: string }) => ({ stdout: error.stdout ?? "" }));
    const perSecond = /(\d+) writes\/s/.exec(stdout)?.[1];
    return perSecond ? { "api.create_per_s": Number(perSecond) } : undefined;
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    const why = missing ? "it is missing: apt-get install etcd-server etcd-client" : errorMessage(error);
    report(`NOT MEASURED: etcd: ${why}`);
    return undefined;
  } finally {
    stop.abort();
    await etcd;
  }
}
