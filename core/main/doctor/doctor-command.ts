import type { Command } from "commander";
import type { CliCommand, CliContext } from "../../cli/command.ts";
import { renderTable } from "../../cli/render-table.ts";
import { outputOption } from "../../cli/output-option.ts";
import { PluginAccess } from "../plugins/plugin-access.ts";
import type { PluginCommands } from "../plugins/plugin-command.ts";
import { addCoreOptions, type CoreOptions, coreSettings } from "../serve/core-options.ts";
import { kubeconfigFile } from "../serve/core-settings.ts";
import { diagnose, readCoreEvidence } from "./doctor.ts";
import type { Finding } from "./finding.ts";
import { isHeldByCore } from "./machine-findings.ts";
import { readEvidence } from "./read-evidence.ts";
import { placesOfCore } from "./running-cores.ts";

/** A start is refused; something is less than it could be. */
const lacking = { required: "MISSING", optional: "absent" } as const;

type DoctorOptions = CoreOptions & { output: string; verbose: boolean };

const exitCodes = "\nExit status: 0 nothing is wrong, 1 something is; docs/doctor.md lists what it can name.";

/** `berth doctor`: what is wrong with this machine, the core on it and its plugins; one cause and one fix each. */
export const doctorCommand: CliCommand = {
  register(program, context) {
    const command = program
      .command("doctor")
      .description("what is wrong with this machine, the core on it and its plugins");
    addCoreOptions(command)
      .addOption(outputOption("text"))
      .option("-v, --verbose", "also what this machine has and lacks without harm", false)
      .addHelpText("after", `${exitCodes}\n\nExample:\n  berth doctor -o json`)
      .action((options: DoctorOptions) =>
        examine(program, context, meant(program, command, options, context), () => true),
      );
  },
};

/** `berth plugin doctor NAME`: the same for one plugin. */
export const addDoctorCommand: PluginCommands = (plugin, context, program) => {
  const command = plugin.command("doctor <name>").description("what is wrong with one plugin on this node");
  addCoreOptions(command)
    .addOption(outputOption("text"))
    .addHelpText("after", `${exitCodes}\n\nExample:\n  berth plugin doctor demo`)
    .action(async (name: string, given: DoctorOptions) => {
      const options = meant(program, command, given, context);
      const access = await PluginAccess.open(program, kubeconfigFile(coreSettings(options)));
      await access.definition(name, await access.instances(name));
      await examine(program, context, options, ({ about }) => about.startsWith(`plugin ${name} `));
    });
};

function meant(
  program: Command,
  command: Command,
  options: DoctorOptions,
  context: CliContext,
): DoctorOptions {
  const { kubeconfig } = program.opts<{ kubeconfig?: string }>();
  return placesOfCore(command, options, { kubeconfig, note: (text) => context.note(text) });
}

async function examine(
  program: Command,
  context: CliContext,
  options: DoctorOptions,
  wanted: (finding: Finding) => boolean,
): Promise<void> {
  const settings = coreSettings(options);
  const node = await readEvidence(settings);
  const fallback = kubeconfigFile(settings);
  const core = await readCoreEvidence({
    instances: async () => (await PluginAccess.open(program, fallback)).instances(),
    recording: async ({ spec }) =>
      (await (await PluginAccess.open(program, fallback)).tools(spec.plugin, spec.nodeName)).recording(),
    note: (text) => context.note(text),
  });
  const findings = diagnose(node, core).filter(wanted);
  if (findings.length > 0) context.fail(1);
  if (options.output === "json") return context.print(JSON.stringify(findings, undefined, 2));
  for (const { fault, about, cause, fix, owner } of findings)
    context.print(`${fault}: ${about}\n  cause: ${cause}\n  fix:   ${fix} (${owner})`);
  if (findings.length === 0) context.print("nothing is wrong");
  if (!options.verbose) return;
  const rows = node.features.map((one) =>
    isHeldByCore(one, node.lock.isCore)
      ? ["ok", one.name, "the core that runs has it"]
      : [one.isPresent ? "ok" : lacking[one.need], one.name, one.found ?? one.cause],
  );
  context.print(renderTable(["", "what", "found"], rows, context.width));
}
