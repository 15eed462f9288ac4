import { environment } from "@berth/verbs/handshake.ts";

export interface EnvironmentFacts {
  readonly handshake: string;
  readonly endpoint: string;
  readonly host: string | undefined;
  readonly token: string;
  readonly instance: string;
  readonly incarnation: number;
  readonly state: string;
  readonly run: string;
  readonly adoptionWindowMs: number;
  readonly nodeName: string;
  /** Ready sockets by daemon id. */
  readonly daemons: Readonly<Record<string, string>>;
  /** Parent of the groups `helpers` and `workload`; undefined where control groups are missing. */
  readonly cgroup: string | undefined;
}

const passedOn = ["PATH", "LANG", "TZ"] as const;
const fallbackPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The whole environment of a plugin: what the host was started with stays with the host. */
export function pluginEnvironment(
  facts: EnvironmentFacts,
  own: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const result: Record<string, string> = { PATH: fallbackPath };
  for (const name of passedOn) {
    const value = own[name];
    if (value) result[name] = value;
  }
  for (const [id, socket] of Object.entries(facts.daemons)) {
    result[`BERTH_DAEMON_${id.toUpperCase().replaceAll("-", "_")}`] = `unix://${socket}`;
  }
  if (facts.cgroup) result["BERTH_CGROUP"] = facts.cgroup;
  if (facts.host) result[environment.host] = `unix://${facts.host}`;
  return {
    ...result,
    [environment.handshake]: facts.handshake,
    [environment.endpoint]: `unix://${facts.endpoint}`,
    [environment.token]: facts.token,
    [environment.instance]: facts.instance,
    [environment.incarnation]: String(facts.incarnation),
    [environment.state]: facts.state,
    [environment.run]: facts.run,
    [environment.adoptionWindow]: String(facts.adoptionWindowMs),
    [environment.nodeName]: facts.nodeName,
  };
}
