import type { CliCommand } from "../../cli/command.ts";
import { renderTable } from "../../cli/render-table.ts";
import { addCoreOptions, type CoreOptions, coreSettings } from "../serve/core-options.ts";
import { obstacles, preflight } from "./preflight.ts";

/** `berth doctor`: what this machine has and lacks, with one cause and one fix each. Exit status 1 when a start would fail. */
export const doctorCommand: CliCommand = {
  register(program, context) {
    const command = program
      .command("doctor")
      .description("look at this machine: what would keep a node from starting");
    addCoreOptions(command)
      .option("-o, --output <format>", "table or json", "table")
      .addHelpText("after", "\nExample:\n  berth doctor -o json")
      .action(async (options: CoreOptions & { output: string }) => {
        const findings = await preflight(coreSettings(options));
        if (options.output === "json") context.print(JSON.stringify(findings, undefined, 2));
        else {
          const rows = findings.map((finding) => [
            finding.isPresent ? "ok" : finding.need === "required" ? "MISSING" : "absent",
            finding.name,
            finding.found ?? finding.cause,
          ]);
          context.print(renderTable(["", "what", "found"], rows, context.width));
          for (const { name, fix, isPresent } of findings) if (!isPresent) context.print(`${name}: ${fix}`);
        }
        if (obstacles(findings).length > 0) context.fail(1);
      });
  },
};
