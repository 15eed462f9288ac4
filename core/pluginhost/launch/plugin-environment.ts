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
  /** Folders of the control group of what the plugin starts for one call; none where control groups are missing. */
  readonly helpers: readonly string[];
}

const passedOn = ["PATH", "LANG", "TZ"] as const;
const fallbackPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** What of a process's environment did not come from {@link pluginEnvironment}, nor from the shell that enters its groups. */
export function foreignNames(names: Iterable<string>): string[] {
  const known = new Set<string>([...passedOn, "PWD", "OLDPWD", "SHLVL", "_"]);
  return [...names].filter((name) => !known.has(name) && !name.startsWith("BERTH_"));
}

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
  if (facts.helpers.length > 0) result[environment.helpers] = facts.helpers.join(":");
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
