import { existsSync } from "node:fs";
import { BerthError } from "@berth/base";
import type { CliCommand } from "../../cli/command.ts";
import { renderTable } from "../../cli/render-table.ts";
import { outputOption } from "../../cli/output-option.ts";
import { kubeconfigPath } from "../connect.ts";
import { defaultNodeName } from "../serve/core-settings.ts";
import { importImage } from "./import-image.ts";

const noFile = BerthError.define({
  code: "BERTH_MAIN_NO_ARCHIVE",
  grpc: "NOT_FOUND",
  http: 404,
  owner: "operator",
  next: "Name a tar archive made by `docker save`, `skopeo copy … oci-archive:` or the like.",
});

/** `berth image import`: images without a registry. */
export const imageCommand: CliCommand = {
  register(program, context) {
    const image = program.command("image").description("images on a node");
    image
      .command("import <archive>")
      .description("give an OCI or docker archive to every runtime plugin of a node")
      .option("--node <name>", "the node", defaultNodeName())
      .addOption(outputOption("table"))
      .addHelpText("after", "\nExample:\n  berth image import hello.tar")
      .action(async (archive: string, options: { node: string; output: string }) => {
        if (!existsSync(archive)) throw new BerthError(noFile, `there is no file ${archive}`);
        const kubeconfig = kubeconfigPath(program.opts<{ kubeconfig?: string }>().kubeconfig);
        context.note(`sending ${archive} to the runtimes of node ${options.node}…`);
        const images = await importImage(kubeconfig, options.node, archive);
        if (options.output === "json") context.print(JSON.stringify(images, undefined, 2));
        else {
          const rows = images.map(({ reference, imageId, plugin }) => [
            reference,
            imageId.slice(0, 19),
            plugin,
          ]);
          context.print(renderTable(["image", "id", "plugin"], rows, context.width));
        }
        process.exit();
      });
  },
};
