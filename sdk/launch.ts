import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { hostname } from "node:os";
import { environment } from "@berth/verbs";
import { nearestName } from "@berth/base";
import type { PluginManifest } from "./manifest.ts";

/** How this process was started: by a host, or by hand. */
export type Launch = {
  readonly endpoint: string;
  readonly stateDirectory: string;
  readonly runDirectory: string;
  readonly nodeName: string;
  readonly options: Readonly<Record<string, string>>;
} & (
  | { readonly mode: "managed"; readonly session: ManagedLaunch }
  | { readonly mode: "by-hand"; readonly config: unknown }
);

export interface ManagedLaunch {
  readonly handshake: string;
  readonly host: string | undefined;
  readonly token: string;
  readonly instance: string;
  readonly incarnation: number;
  readonly adoptionWindowMs: number;
}

/** Asks for the help text instead of a start. */
export class HelpWanted extends Error {}

type Environment = Readonly<Record<string, string | undefined>>;

export function readLaunch(
  manifest: PluginManifest,
  ownOptions: Readonly<Record<string, string>>,
  argv: readonly string[],
  env: Environment,
): Launch {
  return env[environment.handshake] === undefined
    ? readByHand(manifest, ownOptions, argv)
    : readManaged(env[environment.handshake]!, env);
}

function readManaged(handshake: string, env: Environment): Launch {
  const need = (name: string): string => {
    const value = env[name];
    if (value === undefined || value === "")
      throw new Error(`${environment.handshake} is set but ${name} is not`);
    return value;
  };
  return {
    mode: "managed",
    endpoint: need(environment.endpoint),
    stateDirectory: need(environment.state),
    runDirectory: need(environment.run),
    nodeName: need(environment.nodeName),
    options: {},
    session: {
      handshake,
      host: env[environment.host],
      token: need(environment.token),
      instance: need(environment.instance),
      incarnation: Number(need(environment.incarnation)),
      adoptionWindowMs: Number(need(environment.adoptionWindow)),
    },
  };
}

const commonOptions = {
  endpoint: "where to serve: unix:///run/….sock (needed)",
  config: "JSON file with the configuration; defaults without one",
  "state-dir": "durable state; /var/lib/berth-plugins/<id> without it",
  "node-name": "name of this node; the host name without it",
} as const;

function readByHand(
  manifest: PluginManifest,
  ownOptions: Readonly<Record<string, string>>,
  argv: readonly string[],
): Launch {
  const known = { ...commonOptions, ...ownOptions };
  const values = parse(known, argv);
  if (values["help"]) throw new HelpWanted(helpText(manifest, known));
  const given = values as Record<string, string | undefined>;
  if (given["endpoint"] === undefined) throw new Error("--endpoint is missing; --help shows an example");
  const socket = given["endpoint"].replace(/^unix:\/\//u, "");
  return {
    mode: "by-hand",
    endpoint: given["endpoint"],
    stateDirectory: resolve(given["state-dir"] ?? join("/var/lib/berth-plugins", manifest.id)),
    runDirectory: join(dirname(socket), `${manifest.id}.run`),
    nodeName: given["node-name"] ?? hostname(),
    options: Object.fromEntries(
      Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined),
    ),
    config: given["config"] === undefined ? {} : readConfig(given["config"]),
  };
}

function parse(known: Readonly<Record<string, string>>, argv: readonly string[]): Record<string, unknown> {
  const options = Object.fromEntries(Object.keys(known).map((name) => [name, { type: "string" as const }]));
  try {
    return parseArgs({ args: [...argv], options: { ...options, help: { type: "boolean" } } }).values;
  } catch (error) {
    const names = Object.keys(known);
    const wrong = argv
      .filter((word) => word.startsWith("--"))
      .map((word) => word.slice(2).replace(/=.*$/u, ""))
      .find((name) => !names.includes(name));
    const nearest = wrong && nearestName(wrong, names);
    throw new Error(
      nearest ? `unknown option --${wrong}; did you mean --${nearest}?` : (error as Error).message,
      {
        cause: error,
      },
    );
  }
}

function readConfig(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new Error(`configuration ${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

function helpText(manifest: PluginManifest, known: Readonly<Record<string, string>>): string {
  const width = Math.max(...Object.keys(known).map((name) => name.length));
  const options = Object.entries(known).map(([name, text]) => `  --${name.padEnd(width)}  ${text}`);
  const keys = Object.entries(manifest.config.properties ?? {}).map(
    ([name, { description, default: value }]) =>
      `  ${name}: ${description ?? ""}${value === undefined ? "" : ` (default ${JSON.stringify(value)})`}`,
  );
  return [
    `${manifest.id} ${manifest.version}, a ${manifest.contract} plugin. Started by a Berth host it needs no options; by hand:`,
    "",
    ...options,
    ...(keys.length > 0 ? ["", "Configuration keys:", ...keys] : []),
    "",
    `Example: node main.ts --endpoint unix:///tmp/${manifest.id}.sock --state-dir /tmp/${manifest.id}-state`,
  ].join("\n");
}
