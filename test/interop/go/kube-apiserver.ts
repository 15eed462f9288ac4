import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { DisposableStack, silentLogger, systemClock } from "@berth/base";
import { type KeyPair, openPki, writeKubeconfig } from "../../../core/http/index.ts";
import { EtcdProcess } from "../../support/etcd/etcd-process.ts";
import { freePorts } from "../../support/free-ports.ts";
import { connect } from "../answers/sender.ts";
import type { GoProgram } from "./go-program.ts";
import { kubernetesModule } from "./kubernetes-module.ts";

export const kubeApiserver: GoProgram = {
  ...kubernetesModule,
  name: "kube-apiserver",
  package: "./cmd/kube-apiserver",
};

export interface KubeApiserver extends AsyncDisposable {
  /** Of an administrator. */
  readonly kubeconfig: string;
}

/** The real server on a real etcd, both in `folder`; resolves when it is ready. Throws what it said when it ends before. */
export async function startKubeApiserver(program: string, folder: string): Promise<KubeApiserver> {
  const stack = new DisposableStack("kube-apiserver");
  mkdirSync(join(folder, "etcd"), { recursive: true });
  const etcd = await (await EtcdProcess.prepare(join(folder, "etcd"))).start();
  stack.defer("etcd", () => etcd.kill());
  const [port] = (await freePorts(1)) as [number];
  const server = `https://127.0.0.1:${port}`;
  const { pairs, kubeconfig } = await writeKeys(folder, server);
  const logFile = join(folder, "kube-apiserver.log");
  const log = openSync(logFile, "a", 0o600);
  const args = { ...pairs, "etcd-servers": etcd.server, "secure-port": String(port), ...options };
  const child = spawn(
    program,
    Object.entries(args).map(([name, value]) => `--${name}=${value}`),
    {
      stdio: ["ignore", log, log],
    },
  );
  closeSync(log);
  stack.defer("kube-apiserver", () => end(child));
  try {
    await untilReady(kubeconfig, child, logFile);
  } catch (error) {
    await stack.dispose();
    throw error;
  }
  return { kubeconfig, [Symbol.asyncDispose]: () => stack.dispose() };
}

/** What a cluster made by kubeadm has, so that what differs is what the server does and not how it was set up. */
const options = {
  "bind-address": "127.0.0.1",
  "advertise-address": "127.0.0.1",
  "service-cluster-ip-range": "10.96.0.0/16",
  "service-account-issuer": "https://kubernetes.default.svc.cluster.local",
  "authorization-mode": "Node,RBAC",
  "enable-admission-plugins": "NodeRestriction",
  "enable-bootstrap-token-auth": "true",
  "allow-privileged": "true",
  "requestheader-allowed-names": "front-proxy-client",
  "requestheader-username-headers": "X-Remote-User",
  "requestheader-group-headers": "X-Remote-Group",
  "requestheader-extra-headers-prefix": "X-Remote-Extra-",
};

async function writeKeys(
  folder: string,
  server: string,
): Promise<{ pairs: Record<string, string>; kubeconfig: string }> {
  const at = (name: string): string => join(folder, "pki", name);
  const pki = await openPki({ folder: join(folder, "pki"), clock: systemClock, logger: silentLogger });
  const { authorityCertificate } = pki;
  await pki.leaf("serving", { commonName: "kube-apiserver", hosts: ["127.0.0.1"], usages: ["server"] });
  await pki.serviceAccountKeys();
  await pki.frontProxyClient();
  const certificate: KeyPair = await pki.leaf("admin", {
    commonName: "admin",
    organizations: ["system:masters"],
    usages: ["client"],
  });
  const kubeconfig = join(folder, "admin.conf");
  await writeKubeconfig(kubeconfig, {
    server,
    authorityCertificate,
    name: "real",
    user: { name: "admin", certificate },
  });
  writeFileSync(at("front-proxy-ca.crt"), pki.frontProxyAuthorityCertificate);
  return {
    kubeconfig,
    pairs: {
      "tls-cert-file": at("serving.crt"),
      "tls-private-key-file": at("serving.key"),
      "client-ca-file": at("ca.crt"),
      "service-account-key-file": at("sa.pub"),
      "service-account-signing-key-file": at("sa.key"),
      "requestheader-client-ca-file": at("front-proxy-ca.crt"),
      "proxy-client-cert-file": at("front-proxy-client.crt"),
      "proxy-client-key-file": at("front-proxy-client.key"),
    },
  };
}

async function untilReady(kubeconfig: string, child: ChildProcess, logFile: string): Promise<void> {
  using sender = await connect(kubeconfig);
  const deadline = performance.now() + 120_000;
  for (;;) {
    const said = await sender
      .send({ path: "/readyz" })
      .catch((error: unknown) => ({ status: 0, body: error }));
    if (said.status === 200) return;
    if (child.exitCode !== null || performance.now() > deadline)
      throw new Error(
        `kube-apiserver is not ready: ${String(said.body)}\n${readFileSync(logFile, "utf8").slice(-2000)}`,
      );
    await sleep(200);
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}
