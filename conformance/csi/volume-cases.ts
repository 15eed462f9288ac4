import { must, mustEqual, mustFail } from "../expectations.ts";
import type { Case } from "../suite.ts";
import { type CsiContext, needs, writer } from "./csi-context.ts";

const creates = needs("controller", "CREATE_DELETE_VOLUME");
const gibibyte = 1_073_741_824;

export const volumeCases: readonly Case<CsiContext>[] = [
  {
    name: "CreateVolume refuses a request without a name",
    skip: creates,
    run: async ({ controller }) =>
      void (await mustFail(
        controller.createVolume({ volume_capabilities: [writer] }),
        "CreateVolume without a name",
        "INVALID_ARGUMENT",
      )),
  },
  {
    name: "CreateVolume refuses a request without capabilities",
    skip: creates,
    run: async (context) =>
      void (await mustFail(
        context.controller.createVolume({ name: context.uniqueName() }),
        "CreateVolume without volume_capabilities",
        "INVALID_ARGUMENT",
      )),
  },
  {
    name: "CreateVolume without a size makes a volume with an id",
    skip: creates,
    async run(context) {
      const volume = await context.createVolume();
      must(volume.volume_id !== "", "volume_id is empty");
    },
  },
  {
    name: "CreateVolume gives at least the bytes that are required",
    skip: creates,
    async run(context) {
      const volume = await context.createVolume({ capacity_range: { required_bytes: gibibyte } });
      const bytes = Number(volume.capacity_bytes);
      must(bytes === 0 || bytes >= gibibyte, `${gibibyte} bytes are required and ${bytes} given`);
    },
  },
  {
    name: "CreateVolume answers the same volume for the same name",
    skip: creates,
    async run(context) {
      const request = { name: context.uniqueName(), capacity_range: { required_bytes: 1_048_576 } };
      const first = await context.createVolume(request);
      const second = await context.createVolume(request);
      mustEqual(second.volume_id, first.volume_id, "volume_id of the second answer");
    },
  },
  {
    name: "CreateVolume asked twice at once makes one volume",
    skip: creates,
    async run(context) {
      const request = { name: context.uniqueName(), capacity_range: { required_bytes: 1_048_576 } };
      const answers = await Promise.allSettled([
        context.createVolume(request),
        context.createVolume(request),
      ]);
      const ids = new Set(
        answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value.volume_id] : [])),
      );
      must(ids.size === 1, `${ids.size} different ids were answered`);
    },
  },
  {
    name: "CreateVolume refuses a name that is taken by a volume of another size",
    skip: creates,
    async run(context) {
      const name = context.uniqueName();
      await context.createVolume({
        name,
        capacity_range: { required_bytes: 1_048_576, limit_bytes: 1_048_576 },
      });
      await mustFail(
        context.createVolume({ name, capacity_range: { required_bytes: 2_097_152, limit_bytes: 2_097_152 } }),
        "CreateVolume with a taken name and another size",
        "ALREADY_EXISTS",
      );
    },
  },
  {
    name: "CreateVolume takes a name of 128 characters",
    skip: creates,
    async run(context) {
      await context.createVolume({ name: context.uniqueName().padEnd(128, "x") });
    },
  },
  {
    name: "CreateVolume refuses a source that is not there",
    skip: needs("controller", "CREATE_DELETE_VOLUME", "CREATE_DELETE_SNAPSHOT"),
    run: async (context) =>
      void (await mustFail(
        context.createVolume({ volume_content_source: { snapshot: { snapshot_id: "no-such-snapshot" } } }),
        "CreateVolume from a missing snapshot",
        "NOT_FOUND",
      )),
  },
  {
    name: "CreateVolume makes a copy of a volume",
    skip: needs("controller", "CREATE_DELETE_VOLUME", "CLONE_VOLUME"),
    async run(context) {
      const source = await context.createVolume();
      const copy = await context.createVolume({
        volume_content_source: { volume: { volume_id: source.volume_id } },
      });
      must(copy.volume_id !== source.volume_id, "the copy has the id of its source");
      mustEqual(copy.content_source?.volume?.volume_id, source.volume_id, "content_source of the copy");
    },
  },
  {
    name: "DeleteVolume refuses a request without an id",
    skip: creates,
    run: async ({ controller }) =>
      void (await mustFail(controller.deleteVolume({}), "DeleteVolume without an id", "INVALID_ARGUMENT")),
  },
  {
    name: "DeleteVolume succeeds for a volume that never was, and twice for one that was",
    skip: creates,
    async run(context) {
      await context.controller.deleteVolume({ volume_id: "no-such-volume" });
      const { volume_id } = await context.createVolume();
      await context.controller.deleteVolume({ volume_id });
      await context.controller.deleteVolume({ volume_id });
    },
  },
  {
    name: "DeleteVolume of a path for an id deletes nothing and does not fail badly",
    skip: creates,
    async run({ controller }) {
      await controller.deleteVolume({ volume_id: "../../../../tmp" });
    },
  },
  {
    name: "ValidateVolumeCapabilities confirms what the volume was made with",
    skip: creates,
    async run(context) {
      const { volume_id } = await context.createVolume();
      const request = { volume_id, volume_capabilities: [writer] };
      const { confirmed, message } = await context.controller.validateVolumeCapabilities(request);
      must(confirmed !== null, `not confirmed: ${message}`);
    },
  },
  {
    name: "ValidateVolumeCapabilities of a volume that is not there is NOT_FOUND",
    skip: creates,
    run: async ({ controller }) =>
      void (await mustFail(
        controller.validateVolumeCapabilities({ volume_id: "no-such-volume", volume_capabilities: [writer] }),
        "ValidateVolumeCapabilities of a missing volume",
        "NOT_FOUND",
      )),
  },
  {
    name: "ControllerExpandVolume grows a volume and never shrinks it",
    skip: needs("controller", "CREATE_DELETE_VOLUME", "EXPAND_VOLUME"),
    async run(context) {
      const { volume_id } = await context.createVolume({ capacity_range: { required_bytes: 1_048_576 } });
      const grow = (bytes: number) =>
        context.controller.controllerExpandVolume({
          volume_id,
          capacity_range: { required_bytes: bytes },
          volume_capability: writer,
        });
      const grown = Number((await grow(4_194_304)).capacity_bytes);
      must(grown >= 4_194_304, `grown to ${grown} bytes only`);
      const again = Number((await grow(1_048_576)).capacity_bytes);
      must(again >= grown, `shrunk to ${again} bytes`);
    },
  },
  {
    name: "ControllerExpandVolume of a volume that is not there is NOT_FOUND",
    skip: needs("controller", "EXPAND_VOLUME"),
    run: async ({ controller }) =>
      void (await mustFail(
        controller.controllerExpandVolume({
          volume_id: "no-such-volume",
          capacity_range: { required_bytes: 1_048_576 },
        }),
        "ControllerExpandVolume of a missing volume",
        "NOT_FOUND",
      )),
  },
  {
    name: "GetCapacity answers no negative number",
    skip: needs("controller", "GET_CAPACITY"),
    async run({ controller }) {
      const { available_capacity } = await controller.getCapacity({});
      must(Number(available_capacity) >= 0, `it answers ${available_capacity}`);
    },
  },
];
