import { createReadStream, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { ContainerConfig } from "@berth/proto/generated/cri/runtime/v1/ContainerConfig.ts";
import type { LinuxContainerSecurityContext } from "@berth/proto/generated/cri/runtime/v1/LinuxContainerSecurityContext.ts";
import type { PodSandboxConfig } from "@berth/proto/generated/cri/runtime/v1/PodSandboxConfig.ts";
import { Connection, services } from "@berth/verbs";

/** The CRI socket of a plugin as a test drives it. */
export interface CriClient {
  readonly runtime: ReturnType<typeof connect>["runtime"];
  readonly image: ReturnType<typeof connect>["image"];
  readonly archive: ReturnType<typeof connect>["archive"];
  close(): void;
}

function connect(endpoint: string) {
  const connection = new Connection(endpoint);
  return {
    connection,
    runtime: connection.client(services.runtime),
    image: connection.client(services.image),
    archive: connection.client(services.archive),
  };
}

export function connectCri(endpoint: string): CriClient {
  const { connection, ...clients } = connect(endpoint);
  return { ...clients, close: () => connection.dispose() };
}

export async function importArchive(cri: CriClient, path: string, defaultReference = ""): Promise<string[]> {
  const answer = await cri.archive.importImage(
    (async function* () {
      yield { options: { default_reference: defaultReference } };
      for await (const chunk of createReadStream(path, { highWaterMark: 512 * 1024 }))
        yield { chunk: chunk as Buffer };
    })(),
  );
  return (answer.images ?? []).map(({ reference }) => reference ?? "");
}

export interface PodOptions {
  name: string;
  logFolder: string;
  attempt?: number;
  network?: "POD" | "NODE";
  pid?: "POD" | "CONTAINER" | "NODE";
  cgroupParent?: string;
}

export function podConfig(options: PodOptions): PodSandboxConfig {
  const logDirectory = join(options.logFolder, options.name);
  mkdirSync(logDirectory, { recursive: true });
  return {
    metadata: {
      name: options.name,
      uid: `uid-${options.name}`,
      namespace: "test",
      attempt: options.attempt ?? 0,
    },
    hostname: options.name,
    log_directory: logDirectory,
    dns_config: { servers: ["10.96.0.10"], searches: ["test.svc.cluster.local"], options: ["ndots:5"] },
    labels: { app: options.name },
    linux: {
      cgroup_parent: options.cgroupParent ?? "",
      security_context: {
        namespace_options: { network: options.network ?? "POD", pid: options.pid ?? "CONTAINER", ipc: "POD" },
      },
    },
  };
}

export function containerConfig(
  name: string,
  args: string[],
  extra: Partial<ContainerConfig> & { security?: LinuxContainerSecurityContext } = {},
): ContainerConfig {
  const { security, ...rest } = extra;
  return {
    metadata: { name, attempt: 0 },
    image: { image: "docker.io/library/hello:1" },
    command: args,
    log_path: `${name}.log`,
    linux: {
      security_context: { namespace_options: { network: "POD", pid: "CONTAINER", ipc: "POD" }, ...security },
    },
    ...rest,
  };
}
