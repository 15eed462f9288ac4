import { outputOption } from "../../cli/output-option.ts";
import { readFile, writeFile } from "node:fs/promises";
import { BerthError, errorMessage } from "@berth/base";
import { badCall } from "../../pluginhost/errors.ts";
import { optionNumber } from "./option-number.ts";
import { PluginAccess } from "./plugin-access.ts";
import type { PluginCommands } from "./plugin-command.ts";
import type { ReplayOutcome } from "./replay.ts";

/** call, record, replay. */
export const addCallCommands: PluginCommands = (plugin, context, program) => {
  plugin
    .command("call <name> <verb> [message]")
    .description("call a unary verb of the plugin's contract as the node does: deadline, lane, recorder")
    .option("-f, --file <path>", "the message as JSON in a file; - for standard input")
    .option("--deadline-ms <number>", "instead of the verb's own deadline", optionNumber)
    .option("--node <name>", "needed when several nodes run it")
    .addOption(outputOption("text"))
    .addHelpText(
      "after",
      `\nExample:\n  berth plugin call csi-hostpath NodeGetInfo\n  berth plugin call cni-bridge Status '{"config":{"cni_version":"1.1.0"}}'`,
    )
    .action(async (name: string, verb: string, message: string | undefined, options: CallOptions) => {
      const path = options.file === "-" ? "/dev/stdin" : options.file;
      const text = path === undefined ? message : await readFile(path, "utf8");
      const tools = await (await PluginAccess.open(program)).tools(name, options.node);
      const answer = await tools.call({
        verb,
        ...(text === undefined ? {} : { message: parse(text) }),
        ...(options.deadlineMs === undefined ? {} : { deadlineMs: options.deadlineMs }),
      });
      if (options.output === "json") return context.print(JSON.stringify(answer, undefined, 2));
      context.note(
        `${answer.verb}: OK in ${answer.milliseconds.toFixed(1)} ms from incarnation ${answer.incarnation}`,
      );
      context.print(JSON.stringify(answer.response, undefined, 2));
    });

  plugin
    .command("record <name>")
    .description("the last calls to a plugin, without secrets, for people or for `replay`")
    .option("--to <file>", "as JSON in a file")
    .option("-f, --follow", "print calls as they end", false)
    .option("--node <name>", "needed when several nodes run it")
    .addOption(outputOption("table"))
    .addHelpText(
      "after",
      "\nExample:\n  berth plugin record cni-bridge --to calls.json\n  kubectl get --raw /api/v1/nodes/NODE/proxy/plugins/cni-bridge/calls",
    )
    .action(async (name: string, options: RecordOptions) => {
      const tools = await (await PluginAccess.open(program)).tools(name, options.node);
      if (options.follow) {
        for await (const call of tools.follow(context.interruption().signal))
          context.print(options.output === "json" ? JSON.stringify(call) : callLine(call));
        return;
      }
      const recording = await tools.recording();
      if (options.to !== undefined) {
        await writeFile(options.to, `${JSON.stringify(recording, undefined, 2)}\n`, { mode: 0o600 });
        context.note(`${recording.calls.length} calls written to ${options.to}`);
      } else if (options.output === "json") context.print(JSON.stringify(recording, undefined, 2));
      else for (const call of recording.calls) context.print(callLine(call));
      if (recording.lost > 0)
        context.note(`${recording.lost} calls could not be kept: the node's disk was full`);
    });

  plugin
    .command("replay <file>")
    .description("send recorded calls to any socket and compare the answers; exit status 4 when some differ")
    .requiredOption("--endpoint <endpoint>", "unix:///path of a plugin, managed or not")
    .option("--only-reads", "leave out verbs that change something", false)
    .addOption(outputOption("text"))
    .addHelpText("after", "\nExample:\n  berth plugin replay calls.json --endpoint unix:///tmp/demo.sock")
    .action(async (file: string, options: ReplayOptions) => {
      // Only this command speaks gRPC itself.
      const { readRecording, replay } = await import("./replay.ts");
      const recording = await readRecording(file);
      const outcomes: ReplayOutcome[] = [];
      for await (const outcome of replay(recording, options)) {
        outcomes.push(outcome);
        if (options.output === "json") continue;
        context.print(`${outcome.verb}: ${outcome.result}`);
        for (const line of outcome.differences) context.print(`  ${line}`);
      }
      const count = (result: string): number => outcomes.filter((one) => one.result === result).length;
      if (count("different") > 0) context.fail(4);
      if (options.output === "json") return context.print(JSON.stringify(outcomes, undefined, 2));
      context.note(`${count("same")} same, ${count("different")} different, ${count("skipped")} skipped`);
    });
};

interface CallOptions {
  file?: string;
  deadlineMs?: number;
  node?: string;
  output: string;
}

interface RecordOptions {
  to?: string;
  follow: boolean;
  node?: string;
  output: string;
}

interface ReplayOptions {
  endpoint: string;
  onlyReads: boolean;
  output: string;
}

/** A recorded call in one line. */
export function callLine(call: {
  at: number;
  verb: string;
  milliseconds: number;
  code: string;
  detail: string;
}): string {
  const time = new Date(call.at).toISOString().slice(11, 23);
  const short = call.verb.slice(call.verb.lastIndexOf(".") + 1);
  const end = call.code === "OK" ? call.detail : `${call.code}: ${call.detail}`;
  return `${time}  ${call.milliseconds.toFixed(1).padStart(8)} ms  ${short}  ${end || "OK"}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BerthError(badCall, `the message is not JSON: ${errorMessage(error)}`);
  }
}
