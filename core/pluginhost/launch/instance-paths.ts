import { join } from "node:path";
import { BerthError } from "@berth/base";
import { longestSocketPath } from "@berth/verbs";
import { pathTooLong } from "../errors.ts";

/** Folders under which a node keeps what belongs to its plugins and daemons. */
export interface NodePaths {
  /** `<data>/node/<name>`: survives a reboot. */
  readonly data: string;
  /** `<run>/<name>`: sockets; empty after a reboot. */
  readonly run: string;
  /** `<kubelet-root>`: where upstream plugins look for the node. */
  readonly kubeletRoot: string;
}

/** Where one plugin's files and sockets are. All folders are made with mode 0700. */
export interface InstancePaths {
  readonly folder: string;
  /** The host listens here for the plugin's first words. */
  readonly handshake: string;
  /** The host offers its services to this instance here. */
  readonly host: string;
  /** The plugin's own run-time files, kept across incarnations. */
  readonly run: string;
  readonly state: string;
  readonly logs: string;
  /** The plugin serves here; each incarnation has its own, for two may live side by side. */
  endpoint(incarnation: number): string;
  log(incarnation: number): string;
  /** The configuration as JSON, for a plugin without the SDK. */
  config(incarnation: number): string;
}

/** Throws {@link pathTooLong} when a socket would not fit the kernel's limit. */
export function instancePaths(node: NodePaths, plugin: string): InstancePaths {
  const folder = join(node.run, "p", plugin);
  const kept = join(node.data, "plugins", plugin);
  const paths: InstancePaths = {
    folder,
    handshake: join(folder, "hello.sock"),
    host: join(folder, "host.sock"),
    run: join(folder, "run"),
    state: join(kept, "state"),
    logs: logFolder(node, plugin),
    endpoint: (incarnation) => join(folder, `${incarnation}.sock`),
    log: (incarnation) => join(logFolder(node, plugin), `${incarnation}.log`),
    config: (incarnation) => join(folder, `${incarnation}.json`),
  };
  checkSocketPath(paths.handshake);
  checkSocketPath(paths.endpoint(999_999));
  return paths;
}

/** Holds `<incarnation>.log`. */
export function logFolder(node: NodePaths, plugin: string): string {
  return join(node.data, "plugins", plugin, "log");
}

/** Where the last calls to a plugin are kept. Who registers itself may have a name that is no file's. */
export function callsFile(node: NodePaths, plugin: string): string {
  return join(node.data, "calls", `${encodeURIComponent(plugin)}.jsonl`);
}

/** The kernel cuts a longer path silently and binds what is left. */
export function checkSocketPath(path: string): void {
  const bytes = Buffer.byteLength(path);
  if (bytes <= longestSocketPath) return;
  throw new BerthError(pathTooLong, `socket path ${path} has ${bytes} bytes, more than ${longestSocketPath}`);
}
