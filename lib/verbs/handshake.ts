/**
 * The first words between a managed plugin and its host, and the only part of the session that is not gRPC: one JSON
 * line each way on the Unix socket named by BERTH_HANDSHAKE. The connection then stays open for as long as both live:
 * the plugin takes its end as the death of the host and tries again until the adoption window closes; the host takes a
 * renewed handshake with the same instance, token, pid and start time as the living plugin it may adopt.
 */

/** Environment of a managed plugin. Nothing else of the host's environment is passed on but PATH, LANG and TZ. */
export const environment = {
  /** Unix socket of the host for the handshake. */
  handshake: "BERTH_HANDSHAKE",
  /** Where the plugin must serve its own gRPC services: unix:///…. */
  endpoint: "BERTH_ENDPOINT",
  /** unix:///… of the host services granted to this instance. */
  host: "BERTH_HOST",
  /** One-time token; proof that the caller is the process that was started. */
  token: "BERTH_TOKEN",
  /** Instance id: `<plugin>.<node>`. */
  instance: "BERTH_INSTANCE",
  /** Decimal; grows with every process of the instance. */
  incarnation: "BERTH_INCARNATION",
  /** Directory of the plugin's own durable state, kept across incarnations and versions. */
  state: "BERTH_STATE_DIR",
  /** Directory of sockets and other run-time files; empty after a reboot. */
  run: "BERTH_RUN_DIR",
  /** Milliseconds for which a plugin outlives its host. */
  adoptionWindow: "BERTH_ADOPTION_WINDOW_MS",
  nodeName: "BERTH_NODE_NAME",
  /** Folders, parted by colons, of the control group for what the plugin starts for one call. */
  helpers: "BERTH_HELPERS",
} as const;

export interface PluginHello {
  berth: 1;
  instance: string;
  incarnation: number;
  token: string;
  pid: number;
  /** The SDK's name and version, or the program's own when it uses none. */
  sdk: string;
  /** Contracts served on the endpoint with their versions. */
  contracts: { name: string; versions: string[] }[];
  /** True when this process has been ready under a former host. */
  adopted: boolean;
}

export type HostAnswer =
  | { ok: true; chosen: Record<string, string>; supportWindow: string }
  /** One sentence; it also stands in the host's log. */
  | { ok: false; reason: string };
