import { must, mustEqual, mustFail } from "../expectations.ts";
import type { Case } from "../suite.ts";
import { type CsiContext, needs } from "./csi-context.ts";

export const listCases: readonly Case<CsiContext>[] = [
  {
    name: "ListVolumes shows what was made and not what was deleted",
    skip: needs("controller", "CREATE_DELETE_VOLUME", "LIST_VOLUMES"),
    async run(context) {
      const { volume_id } = await context.createVolume();
      must((await allVolumes(context)).includes(volume_id), "a volume that was made is not listed");
      await context.controller.deleteVolume({ volume_id });
      must(!(await allVolumes(context)).includes(volume_id), "a volume that was deleted is listed");
    },
  },
  {
    name: "ListVolumes in pages shows each volume once",
    skip: needs("controller", "CREATE_DELETE_VOLUME", "LIST_VOLUMES"),
    async run(context) {
      const made = [await context.createVolume(), await context.createVolume(), await context.createVolume()];
      const listed = await allVolumes(context, 1);
      for (const { volume_id } of made) {
        mustEqual(listed.filter((id) => id === volume_id).length, 1, `times that ${volume_id} is listed`);
      }
    },
  },
  {
    name: "ListVolumes with a token of nobody is ABORTED",
    skip: needs("controller", "LIST_VOLUMES"),
    run: async ({ controller }) =>
      void (await mustFail(
        controller.listVolumes({ starting_token: "no-such-token" }),
        "ListVolumes with a foreign token",
        "ABORTED",
      )),
  },
  {
    name: "CreateSnapshot answers the same snapshot for the same name and source",
    skip: needs("controller", "CREATE_DELETE_VOLUME", "CREATE_DELETE_SNAPSHOT"),
    async run(context) {
      const { volume_id } = await context.createVolume();
      const first = await context.createSnapshot(volume_id);
      must(first.creation_time !== null, "creation_time is missing");
      mustEqual(first.source_volume_id, volume_id, "source_volume_id");
      const name = context.uniqueName();
      const a = await context.createSnapshot(volume_id, name);
      const b = await context.createSnapshot(volume_id, name);
      mustEqual(b.snapshot_id, a.snapshot_id, "snapshot_id of the second answer");
    },
  },
  {
    name: "CreateSnapshot refuses a name that is taken by one of another volume",
    skip: needs("controller", "CREATE_DELETE_VOLUME", "CREATE_DELETE_SNAPSHOT"),
    async run(context) {
      const name = context.uniqueName();
      const [a, b] = [await context.createVolume(), await context.createVolume()];
      await context.createSnapshot(a.volume_id, name);
      await mustFail(
        context.createSnapshot(b.volume_id, name),
        "CreateSnapshot with a taken name and another source",
        "ALREADY_EXISTS",
      );
    },
  },
  {
    name: "CreateSnapshot refuses a request without name or source",
    skip: needs("controller", "CREATE_DELETE_SNAPSHOT"),
    async run(context) {
      await mustFail(context.createSnapshot(""), "CreateSnapshot without a source", "INVALID_ARGUMENT");
      await mustFail(
        context.createSnapshot("no-such-volume", ""),
        "CreateSnapshot without a name",
        "INVALID_ARGUMENT",
      );
    },
  },
  {
    name: "DeleteSnapshot succeeds for a snapshot that never was, and refuses a request without an id",
    skip: needs("controller", "CREATE_DELETE_SNAPSHOT"),
    async run({ controller }) {
      await controller.deleteSnapshot({ snapshot_id: "no-such-snapshot" });
      await mustFail(controller.deleteSnapshot({}), "DeleteSnapshot without an id", "INVALID_ARGUMENT");
    },
  },
  {
    name: "ListSnapshots finds by id and by source, and nothing for what is not there",
    skip: needs("controller", "CREATE_DELETE_VOLUME", "CREATE_DELETE_SNAPSHOT", "LIST_SNAPSHOTS"),
    async run(context) {
      const [a, b] = [await context.createVolume(), await context.createVolume()];
      const one = await context.createSnapshot(a.volume_id);
      await context.createSnapshot(b.volume_id);
      const idsOf = async (filter: { snapshot_id?: string; source_volume_id?: string }) =>
        (await context.controller.listSnapshots(filter)).entries.map(({ snapshot }) => snapshot?.snapshot_id);
      mustEqual(await idsOf({ snapshot_id: one.snapshot_id }), [one.snapshot_id], "listed by id");
      mustEqual(await idsOf({ source_volume_id: a.volume_id }), [one.snapshot_id], "listed by source");
      mustEqual(await idsOf({ snapshot_id: "no-such-snapshot" }), [], "listed for an id that is not there");
    },
  },
  {
    name: "CreateVolume makes a volume of a snapshot",
    skip: needs("controller", "CREATE_DELETE_VOLUME", "CREATE_DELETE_SNAPSHOT"),
    async run(context) {
      const { volume_id } = await context.createVolume();
      const { snapshot_id } = await context.createSnapshot(volume_id);
      const copy = await context.createVolume({ volume_content_source: { snapshot: { snapshot_id } } });
      mustEqual(copy.content_source?.snapshot?.snapshot_id, snapshot_id, "content_source of the volume");
    },
  },
];

async function allVolumes(context: CsiContext, pageSize = 0): Promise<string[]> {
  const ids: string[] = [];
  let token = "";
  do {
    const { entries, next_token } = await context.controller.listVolumes({
      max_entries: pageSize,
      starting_token: token,
    });
    ids.push(...entries.map(({ volume }) => volume?.volume_id ?? ""));
    token = next_token;
  } while (token !== "");
  return ids;
}
