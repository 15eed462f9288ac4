import { Connection, type JsonObject, services, socketPath } from "@berth/verbs";
import { CniError, cniCode, toCniError } from "./cni-error.ts";
import { cniVersions, type CniVersion, isAtLeast, isCniVersion, newestCniVersion } from "./cni-version.ts";
import { configFromJson } from "./config-json.ts";
import { type CniResult, resultFromJson, resultToJson } from "./result-json.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** How the executable ends: what it prints and with which status. */
export interface CniAnswer {
  readonly status: 0 | 1;
  /** One JSON text, or nothing. */
  readonly stdout: string;
}

/**
 * One call of a CNI runtime, passed on to the network plugin that serves `berth.cni.v1` on the configuration's
 * `endpoint`. The result comes back in the version that the configuration names.
 */
export async function runBerthCni(env: Environment, stdin: string): Promise<CniAnswer> {
  let version: string = newestCniVersion;
  try {
    const config = parse(stdin);
    version = typeof config["cniVersion"] === "string" ? config["cniVersion"] : "0.3.1";
    if (env["CNI_COMMAND"] === "VERSION")
      return done({ cniVersion: version, supportedVersions: cniVersions });
    return await call(env, config, checkVersion(version));
  } catch (error) {
    return { status: 1, stdout: JSON.stringify(toCniError(error).toJson(version)) };
  }
}

/** Since when each verb is in the specification. */
const since: Readonly<Record<string, CniVersion>> = {
  ADD: "0.3.0",
  DEL: "0.3.0",
  CHECK: "0.4.0",
  GC: "1.1.0",
  STATUS: "1.1.0",
};

async function call(env: Environment, config: JsonObject, version: CniVersion): Promise<CniAnswer> {
  const verb = env["CNI_COMMAND"] ?? "";
  const least = since[verb];
  if (!least || !isAtLeast(version, least)) {
    const known = Object.keys(since).filter((name) => isAtLeast(version, since[name]!));
    throw new CniError(
      cniCode.invalidEnvironment,
      `CNI_COMMAND is ${JSON.stringify(verb)}`,
      `Version ${version} has ${known.join(", ")} and VERSION.`,
    );
  }
  const {
    endpoint,
    "cni.dev/valid-attachments": valid,
    "cni.dev/attachments": formerly,
    prevResult,
    ...section
  } = config;
  const connection = new Connection(checkEndpoint(endpoint));
  try {
    const plugin = connection.client(services.network);
    const message = configFromJson({ ...section, cniVersion: newestCniVersion });
    if (verb === "STATUS") await plugin.status({ config: message }).catch(asStatus);
    else if (verb === "GC")
      await plugin.gc({ config: message, valid_attachments: readValid(valid ?? formerly) });
    else {
      const request = {
        config: message,
        attachment: readAttachment(env, verb),
        ...(prevResult ? { prev_result: resultFromJson(prevResult as CniResult) } : {}),
      };
      if (verb === "DEL") await plugin.del(request);
      else if (verb === "CHECK") await plugin.check(request);
      else {
        const { result } = await plugin.add(request);
        if (!result)
          throw new CniError(cniCode.other, `${connection.endpoint} answered ADD without a result`);
        return done(resultToJson(result, version));
      }
    }
    return { status: 0, stdout: "" };
  } finally {
    connection.dispose();
  }
}

/** In STATUS "not now" has a code of its own. */
function asStatus(error: unknown): never {
  const { code, message, details } = toCniError(error);
  throw code === cniCode.tryAgain ? new CniError(cniCode.notAvailable, message, details, error) : error;
}

function done(answer: object): CniAnswer {
  return { status: 0, stdout: JSON.stringify(answer) };
}

function parse(stdin: string): JsonObject {
  try {
    const value = JSON.parse(stdin) as unknown;
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch (error) {
    throw new CniError(cniCode.decodingFailure, "the configuration on stdin is no JSON", "", error);
  }
  throw new CniError(cniCode.decodingFailure, "the configuration on stdin is no JSON object");
}

function checkVersion(version: string): CniVersion {
  if (isCniVersion(version)) return version;
  const known = cniVersions.join(", ");
  throw new CniError(cniCode.incompatibleVersion, `cniVersion ${version} is none of ${known}`);
}

function checkEndpoint(endpoint: unknown): string {
  if (typeof endpoint !== "string") {
    throw new CniError(
      cniCode.invalidConfig,
      "the configuration has no endpoint",
      'Name the socket of a berth.cni.v1 plugin: "endpoint": "unix:///run/….sock".',
    );
  }
  try {
    return `unix://${socketPath(endpoint)}`;
  } catch (error) {
    throw new CniError(cniCode.invalidConfig, (error as Error).message, "", error);
  }
}

function readAttachment(env: Environment, verb: string) {
  const needed = ["CNI_CONTAINERID", "CNI_IFNAME", ...(verb === "DEL" ? [] : ["CNI_NETNS"])];
  const missing = needed.filter((name) => !env[name]);
  if (missing.length > 0) {
    throw new CniError(cniCode.invalidEnvironment, `${missing.join(", ")} not set for ${verb}`);
  }
  return {
    container_id: env["CNI_CONTAINERID"]!,
    ifname: env["CNI_IFNAME"]!,
    netns: env["CNI_NETNS"] ?? "",
    args: readArgs(env["CNI_ARGS"] ?? ""),
  };
}

/** "K1=V1;K2=V2". */
function readArgs(text: string): Record<string, string> {
  const pairs = text.split(";").filter((pair) => pair.includes("="));
  return Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
  );
}

/**
 * libcni leaves the list out when all attachments are to go, and writes null for an empty one. The first text of
 * specification 1.1 called it cni.dev/attachments.
 */
function readValid(valid: unknown) {
  if (valid === undefined || valid === null) return [];
  if (!Array.isArray(valid)) {
    throw new CniError(cniCode.invalidConfig, "the configuration's list of valid attachments is no list");
  }
  return (valid as { containerID?: string; ifname?: string }[]).map(({ containerID, ifname }) => ({
    container_id: containerID ?? "",
    ifname: ifname ?? "",
  }));
}
