import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { BerthError, silentLogger, systemClock } from "@berth/base";
import type { CliCommand } from "../../cli/command.ts";
import { renderTable } from "../../cli/render-table.ts";
import { outputOption } from "../../cli/output-option.ts";
import { listPki, renewPki } from "../../http/index.ts";
import { defaults } from "../serve/core-settings.ts";

const noKeys = BerthError.define({
  code: "BERTH_MAIN_NO_KEYS",
  grpc: "NOT_FOUND",
  http: 404,
  owner: "operator",
  next: "Name the data directory of a core that was started once, with --data-dir.",
});

const dayMs = 24 * 3_600_000;

interface Options {
  dataDir: string;
  output?: string;
}

/** `berth certs`: how long the keys and certificates of a data directory last, and new ones before their time. */
export const certsCommand: CliCommand = {
  register(program, context) {
    const certs = program.command("certs").description("keys and certificates of the cluster");
    const folderOf = ({ dataDir }: Options): string => {
      const folder = join(resolve(dataDir), "pki");
      if (!existsSync(join(folder, "ca.crt"))) throw new BerthError(noKeys, `there are no keys in ${folder}`);
      return folder;
    };

    certs
      .command("check-expiration")
      .description("when each ends; a core renews them by itself in their last third")
      .option("--data-dir <folder>", "data directory of the core", defaults.dataDirectory)
      .addOption(outputOption("table"))
      .addHelpText(
        "after",
        "\nExample:\n  berth certs check-expiration\n\nExit status: 0, or 3 when one has ended.",
      )
      .action(async (options: Options) => {
        const entries = await listPki(folderOf(options));
        const now = Date.now();
        if (options.output === "json") {
          const list = entries.map(({ expiresAt, ...entry }) => ({
            ...entry,
            expires: new Date(expiresAt).toISOString(),
          }));
          context.print(JSON.stringify(list, undefined, 2));
        } else {
          const rows = entries.map(({ name, kind, authority, expiresAt, subject }) => [
            name,
            kind,
            new Date(expiresAt).toISOString().slice(0, 16).replace("T", " "),
            expiresAt <= now ? "expired" : `${Math.floor((expiresAt - now) / dayMs)}d`,
            authority,
            subject,
          ]);
          const head = ["name", "kind", "expires (UTC)", "residual", "authority", "subject"];
          context.print(renderTable(head, rows, context.width));
        }
        if (entries.some(({ expiresAt }) => expiresAt <= now)) context.fail(3);
      });

    certs
      .command("renew <name...>")
      .description("make these anew now, `all` for every one; a running core takes them over within a minute")
      .option("--data-dir <folder>", "data directory of the core", defaults.dataDirectory)
      .addHelpText("after", "\nExample:\n  berth certs renew apiserver\n  berth certs renew all")
      .action(async (names: string[], options: Options) => {
        const folder = folderOf(options);
        const all = (await listPki(folder)).map(({ name }) => name);
        const parts = { folder, clock: systemClock, logger: silentLogger };
        for (const name of names.includes("all") ? all : names) {
          await renewPki(name, parts);
          context.note(`${name}: renewed`);
        }
      });
  },
};
