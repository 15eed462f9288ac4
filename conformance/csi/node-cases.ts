import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { must, mustEqual, mustFail } from "../expectations.ts";
import type { Case } from "../suite.ts";
import { type CsiContext, needs, writer } from "./csi-context.ts";

const creates = needs("controller", "CREATE_DELETE_VOLUME");
const stages = needs("node", "STAGE_UNSTAGE_VOLUME");

export const nodeCases: readonly Case<CsiContext>[] = [
  {
    name: "NodeGetInfo answers an id of at most 256 bytes",
    async run({ node }) {
      const { node_id, max_volumes_per_node } = await node.nodeGetInfo({});
      must(node_id !== "" && Buffer.byteLength(node_id) <= 256, `node_id is ${JSON.stringify(node_id)}`);
      must(Number(max_volumes_per_node) >= 0, "max_volumes_per_node is negative");
    },
  },
  {
    name: "NodePublishVolume and NodeStageVolume refuse requests that lack id, path or capability",
    async run(context) {
      const complete = {
        volume_id: "v",
        target_path: join(context.target.workFolder, "t"),
        staging_target_path: join(context.target.workFolder, "s"),
        volume_capability: writer,
      };
      for (const missing of ["volume_id", "target_path", "volume_capability"] as const) {
        const { [missing]: _, ...request } = complete;
        await mustFail(
          context.node.nodePublishVolume(request),
          `NodePublishVolume without ${missing}`,
          "INVALID_ARGUMENT",
        );
      }
      if (stages(context) !== undefined) return;
      for (const missing of ["volume_id", "staging_target_path", "volume_capability"] as const) {
        const { [missing]: _, target_path: _target, ...request } = complete;
        await mustFail(
          context.node.nodeStageVolume(request),
          `NodeStageVolume without ${missing}`,
          "INVALID_ARGUMENT",
        );
      }
    },
  },
  {
    name: "NodeUnpublishVolume and NodeUnstageVolume refuse requests that lack id or path",
    async run(context) {
      const { node } = context;
      await mustFail(
        node.nodeUnpublishVolume({ target_path: "/x" }),
        "NodeUnpublishVolume without an id",
        "INVALID_ARGUMENT",
      );
      await mustFail(
        node.nodeUnpublishVolume({ volume_id: "v" }),
        "NodeUnpublishVolume without a path",
        "INVALID_ARGUMENT",
      );
      if (stages(context) !== undefined) return;
      await mustFail(
        node.nodeUnstageVolume({ staging_target_path: "/x" }),
        "NodeUnstageVolume without an id",
        "INVALID_ARGUMENT",
      );
      await mustFail(
        node.nodeUnstageVolume({ volume_id: "v" }),
        "NodeUnstageVolume without a path",
        "INVALID_ARGUMENT",
      );
    },
  },
  {
    name: "A volume that is not there is NOT_FOUND for NodeStageVolume and NodeGetVolumeStats",
    skip: needs("node", "STAGE_UNSTAGE_VOLUME", "GET_VOLUME_STATS"),
    async run({ node, target }) {
      const path = join(target.workFolder, "nowhere");
      await mustFail(
        node.nodeStageVolume({
          volume_id: "no-such-volume",
          staging_target_path: path,
          volume_capability: writer,
        }),
        "NodeStageVolume of a missing volume",
        "NOT_FOUND",
      );
      await mustFail(
        node.nodeGetVolumeStats({ volume_id: "no-such-volume", volume_path: path }),
        "NodeGetVolumeStats of a missing volume",
        "NOT_FOUND",
      );
    },
  },
  {
    name: "The whole life of a volume works, each verb twice",
    skip: creates,
    async run(context) {
      const { volume_id } = await context.createVolume();
      const staging = await context.stage(volume_id);
      await context.stage(volume_id);
      const target = await context.publish(volume_id, staging);
      await context.publish(volume_id, staging);
      await writeFile(join(target, "x"), "kept");
      for (let time = 0; time < 2; time++) {
        await context.node.nodeUnpublishVolume({ volume_id, target_path: target });
        must(!existsSync(target), "NodeUnpublishVolume leaves target_path behind");
      }
      const again = await context.publish(volume_id, staging, { name: "again" });
      mustEqual(await readFile(join(again, "x"), "utf8"), "kept", "what was written before");
    },
  },
  {
    name: "NodePublishVolume read-only takes no writes",
    skip: creates,
    async run(context) {
      const { volume_id } = await context.createVolume();
      const target = await context.publish(volume_id, await context.stage(volume_id), { readonly: true });
      const refused = await writeFile(join(target, "x"), "").then(
        () => false,
        () => true,
      );
      must(refused, "a write to a read-only volume succeeds");
    },
  },
  {
    name: "NodePublishVolume refuses a target that carries the volume in another way",
    skip: creates,
    async run(context) {
      const { volume_id } = await context.createVolume();
      const staging = await context.stage(volume_id);
      await context.publish(volume_id, staging, { name: "same" });
      await mustFail(
        context.publish(volume_id, staging, { name: "same", readonly: true }),
        "NodePublishVolume read-only over a writable target",
        "ALREADY_EXISTS",
      );
    },
  },
  {
    name: "DeleteVolume does not delete a volume that is published",
    skip: creates,
    async run(context) {
      const { volume_id } = await context.createVolume();
      const target = await context.publish(volume_id, await context.stage(volume_id));
      await writeFile(join(target, "x"), "kept");
      await mustFail(
        context.controller.deleteVolume({ volume_id }),
        "DeleteVolume in use",
        "FAILED_PRECONDITION",
      );
      mustEqual(await readFile(join(target, "x"), "utf8"), "kept", "the data after a refused deletion");
    },
  },
  {
    name: "NodeGetVolumeStats counts bytes at the published path and is NOT_FOUND elsewhere",
    skip: needs("node", "GET_VOLUME_STATS"),
    async run(context) {
      const { volume_id } = await context.createVolume();
      const target = await context.publish(volume_id, await context.stage(volume_id));
      const { usage } = await context.node.nodeGetVolumeStats({ volume_id, volume_path: target });
      const bytes = usage.find(({ unit }) => unit === "BYTES");
      must(bytes !== undefined && Number(bytes.total) > 0, "no total in bytes");
      await mustFail(
        context.node.nodeGetVolumeStats({
          volume_id,
          volume_path: join(context.target.workFolder, "nowhere"),
        }),
        "NodeGetVolumeStats at a path without the volume",
        "NOT_FOUND",
      );
    },
  },
];
