import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { mountTmpfs } from "@berth/linux";
import type { DNSConfig__Output } from "@berth/proto/generated/cri/runtime/v1/DNSConfig.ts";
import type { CriPaths } from "../paths.ts";
import type { SandboxRecord } from "../records.ts";

/** Size of a pod's /dev/shm, as container runtimes have it since Docker. */
const shmBytes = 64 * 1024 * 1024;

export function renderResolvConf(dns: DNSConfig__Output): string {
  const lines = [
    ...(dns.searches.length > 0 ? [`search ${dns.searches.join(" ")}`] : []),
    ...dns.servers.map((server) => `nameserver ${server}`),
    ...(dns.options.length > 0 ? [`options ${dns.options.join(" ")}`] : []),
  ];
  return `${lines.join("\n")}\n`;
}

export function renderHosts(hostname: string, ips: readonly string[]): string {
  const own = hostname === "" ? [] : ips.map((ip) => `${ip}\t${hostname}`);
  return `${["127.0.0.1\tlocalhost", "::1\tlocalhost ip6-localhost ip6-loopback", ...own].join("\n")}\n`;
}

/** Files and shared memory that all containers of the pod see. */
export function writeSandboxFiles(paths: CriPaths, sandbox: SandboxRecord, options: { shm: boolean }): void {
  const { config, id } = sandbox;
  const dns = config.dns_config;
  if (dns) writeFileSync(paths.sandboxFile(id, "resolv.conf"), renderResolvConf(dns));
  else copyFileSync("/etc/resolv.conf", paths.sandboxFile(id, "resolv.conf"));
  writeFileSync(paths.sandboxFile(id, "hostname"), `${config.hostname}\n`);
  if (options.shm) {
    const shm = paths.sandboxFile(id, "shm");
    mkdirSync(shm);
    mountTmpfs(shm, { sizeBytes: shmBytes, mode: 0o1777, flags: ["nosuid", "nodev", "noexec"] });
  }
}

/** Written once the pod's addresses are known. */
export function writeHosts(paths: CriPaths, sandbox: SandboxRecord, nodeNetwork: boolean): void {
  const file = paths.sandboxFile(sandbox.id, "hosts");
  if (nodeNetwork) copyFileSync("/etc/hosts", file);
  else writeFileSync(file, renderHosts(sandbox.config.hostname, sandbox.ips));
}
