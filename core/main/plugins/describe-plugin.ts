import type { Plugin, PluginInstance } from "../../api/index.ts";

/** An event as it is told: oldest first. */
export interface ToldEvent {
  readonly at: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
}

export interface PluginRevision {
  readonly revision: number;
  readonly version: string | undefined;
  readonly digest: string | undefined;
  readonly at: string;
}

/** All that is known of one plugin, for a person. What registered itself with a node has no Plugin object. */
export function describePlugin(
  plugin: Plugin | undefined,
  instances: readonly PluginInstance[],
  events: readonly ToldEvent[],
  history: readonly PluginRevision[],
): string {
  return [
    ...(plugin ? describeDefinition(plugin) : describeGuest(instances)),
    ...instances.flatMap(describeInstance),
    ...section(
      "history",
      history.map(
        ({ revision, version, digest, at }) =>
          `${revision}  ${version ?? "-"}  ${digest?.slice(0, 19) ?? "-"}  ${at}`,
      ),
    ),
    ...section(
      "events",
      events.map(
        ({ at, type, reason, message, count }) =>
          `${at}  ${type === "Warning" ? "! " : ""}${reason}${count > 1 ? ` (${count} times)` : ""}: ${message}`,
      ),
    ),
  ].join("\n");
}

function describeGuest([first]: readonly PluginInstance[]): string[] {
  if (!first) return [];
  const { plugin, contract } = first.spec;
  return [
    `${plugin}: ${contract} plugin`,
    "  source    it registered itself with the node; Berth starts nothing and ends nothing",
  ];
}

function describeDefinition({ metadata, spec }: Plugin): string[] {
  const { source } = spec;
  const from =
    source.path ??
    (source.npm ? `npm ${source.npm.package}` : undefined) ??
    (source.executable && [source.executable.path, ...(source.executable.args ?? [])].join(" ")) ??
    source.oci?.reference ??
    source.endpoint;
  const pinned = spec.dev
    ? "not pinned: dev, run from its folder as it stands"
    : (spec.digest ?? "not pinned");
  return [
    `${metadata.name}: ${spec.contract} plugin${spec.disabled ? ", taken out of service on purpose" : ""}`,
    `  source    ${from}`,
    `  pinned    ${pinned}`,
    `  config    ${JSON.stringify(spec.config ?? {})}`,
    `  grants    ${list(spec.grants)}`,
    `  fails     ${spec.failOpen?.length ? `closed, but open in ${list(spec.failOpen)}` : "closed"}`,
  ];
}

function describeInstance({ spec, status }: PluginInstance): string[] {
  if (!status) return [`on node ${spec.nodeName}: nothing is known yet`];
  const { lastCause } = status;
  return [
    `on node ${spec.nodeName}: ${status.state}${status.reason ? `: ${status.reason}` : ""}`,
    `  process   ${status.pid === undefined ? (status.mode === "attached" ? "not Berth's" : "none") : `pid ${status.pid}, incarnation ${status.incarnation}, since ${status.startedAt}`}; ${status.restarts ?? 0} restarts`,
    `  version   ${status.version ?? "-"}${status.simulated ? ", simulated" : ""}${status.unverified ? ", unverified" : ""}`,
    `  offers    ${list(status.capabilities)}`,
    ...Object.entries(status.facts ?? {}).map(([name, value]) => `  ${"fact".padEnd(10)}${name}: ${value}`),
    ...inForce("grants", status.grants),
    ...inForce("isolation", status.isolation),
    ...(lastCause
      ? [
          `  last end  ${lastCause.at}: ${lastCause.message}`,
          ...(lastCause.stderrTail ?? "")
            .split("\n")
            .filter(Boolean)
            .map((line) => `            | ${line}`),
        ]
      : []),
  ];
}

/** What is in force in one line, and below it what is not, those with the same reason together. */
function inForce(
  name: string,
  items: readonly { name: string; inForce: boolean; note?: string }[] = [],
): string[] {
  const told = items
    .filter((one) => one.inForce)
    .map((one) => (one.note === undefined ? one.name : `${one.name} (${one.note})`));
  const lacking = Map.groupBy(
    items.filter((one) => !one.inForce),
    ({ note = "" }) => note,
  );
  return [
    `  ${name.padEnd(10)}${list(told)}`,
    ...[...lacking].map(([note, some]) => {
      const names = some.map((one) => one.name).join(", ");
      return `            NOT in force: ${names}${note === "" ? "" : ` (${note})`}`;
    }),
  ];
}

function section(name: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [name, ...lines.map((line) => `  ${line}`)];
}

function list(items: readonly string[] | undefined): string {
  return items && items.length > 0 ? items.join(", ") : "none";
}
