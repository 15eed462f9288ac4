import { CniError, cniCode } from "@berth/cni";
import { runHelper } from "@berth/sdk";
import type { JsonObject } from "@berth/verbs";

export type CniVerb = "ADD" | "DEL" | "CHECK" | "GC" | "STATUS" | "VERSION";

/** Whom a call is about, as the environment of a CNI program says it. */
export interface Target {
  readonly containerId: string;
  readonly ifname: string;
  /** Empty when the namespace is gone. */
  readonly netns: string;
  readonly args: Readonly<Record<string, string>>;
}

export interface ProgramCall {
  readonly verb: CniVerb;
  /** Path of the program. */
  readonly program: string;
  /** Where it may look for programs of its own: its address manager. */
  readonly folders: readonly string[];
  readonly section: JsonObject;
  readonly target?: Target;
  readonly signal: AbortSignal;
}

/** Runs one CNI program. What it answers, empty for nothing. Throws {@link CniError} with the program's own words. */
export async function runProgram(call: ProgramCall): Promise<JsonObject> {
  const { verb, program, folders, section, target, signal } = call;
  const env = {
    CNI_COMMAND: verb,
    CNI_PATH: folders.join(":"),
    ...(target && {
      CNI_CONTAINERID: target.containerId,
      CNI_IFNAME: target.ifname,
      CNI_NETNS: target.netns,
      CNI_ARGS: argsText(target.args),
    }),
  };
  const { exitCode, stdout, stderr } = await runHelper(program, [], {
    signal,
    env,
    input: JSON.stringify(section),
  });
  const answer = parse(stdout);
  if (exitCode === 0 && answer) return answer;
  const where = `${verb} of ${program}`;
  if (exitCode === 0)
    throw new CniError(cniCode.decodingFailure, `${where} answered no JSON`, stdout.slice(0, 200));
  const { code, msg, details } = answer ?? {};
  const words =
    typeof msg === "string" && msg !== ""
      ? msg
      : stderr.trim().split("\n").at(-1) || `exit status ${exitCode}`;
  const number = typeof code === "number" && code > 0 ? code : cniCode.other;
  throw new CniError(number, `${where}: ${words}`, typeof details === "string" ? details : "");
}

/** Programs that know fewer arguments are told to leave the others alone. */
function argsText(args: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(args).filter(([key, value]) => !/[;=]/.test(key) && !value.includes(";"));
  return ["IgnoreUnknown=1", ...pairs.map(([key, value]) => `${key}=${value}`)].join(";");
}

function parse(text: string): JsonObject | undefined {
  if (text.trim() === "") return {};
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : undefined;
  } catch {
    return undefined;
  }
}
