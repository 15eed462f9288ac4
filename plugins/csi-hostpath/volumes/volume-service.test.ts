import { beforeEach, describe, expect, it } from "vitest";
import { FakeClock, silentLogger } from "@berth/base";
import { FakeBackend } from "../backend/fake.ts";
import type { HostpathConfig } from "../config.ts";
import { RecordStore } from "./record-store.ts";
import { HostpathLife } from "./recovery.ts";
import { SnapshotService } from "./snapshot-service.ts";
import { type CreateVolume, VolumeService } from "./volume-service.ts";

const config: HostpathConfig = {
  driverName: "hostpath.test",
  directory: "",
  capacityBytes: 1_048_576,
  maxVolumeBytes: 524_288,
  defaultVolumeBytes: 4096,
  maxVolumesPerNode: 0,
};
const signal = new AbortController().signal;

function asked(over: Partial<CreateVolume> = {}): CreateVolume {
  return {
    name: "pvc-1",
    access: "mount",
    range: { required_bytes: "8192", limit_bytes: "0" },
    parameters: {},
    source: undefined,
    ...over,
  };
}

let backend: FakeBackend;
let records: RecordStore;
let volumes: VolumeService;
let snapshots: SnapshotService;

function start(): HostpathLife {
  records = new RecordStore(backend);
  volumes = new VolumeService(config, records, backend);
  snapshots = new SnapshotService(records, backend, new FakeClock());
  return new HostpathLife(config.driverName, records, backend, silentLogger);
}

beforeEach(() => {
  backend = new FakeBackend();
  start();
});

describe("a volume", () => {
  it("is made once a name", async () => {
    const first = await volumes.create(asked(), signal);
    expect(await volumes.create(asked(), signal)).toEqual(first);
    expect(records.volumes()).toHaveLength(1);
  });

  it.each([
    ["size", { range: { required_bytes: "16384", limit_bytes: "0" } }],
    ["kind", { access: "block" as const }],
    ["parameters", { parameters: { tier: "fast" } }],
  ])("refuses its name to a request with another %s", async (what, over) => {
    await volumes.create(asked(), signal);
    await expect(volumes.create(asked(over), signal)).rejects.toMatchObject({
      code: "ALREADY_EXISTS",
      message: expect.stringContaining(`with another ${what}`),
    });
  });

  it("leaves nothing behind when its making fails", async () => {
    backend.failNext = new Error("disk full");
    await expect(volumes.create(asked(), signal)).rejects.toThrow("disk full");
    expect([backend.records.size, backend.data.size]).toEqual([0, 0]);
  });

  it("leaves nothing behind when the plugin is killed in its making", async () => {
    const killed = new RecordStore(backend);
    await killed.save({ ...(await volumes.create(asked(), signal)), state: "creating" });
    await start().activate();
    expect([backend.records.size, backend.data.size]).toEqual([0, 0]);
  });

  it("is refused where no room is left, and in a size no volume may have", async () => {
    await volumes.create(asked({ range: { required_bytes: "524288", limit_bytes: "0" } }), signal);
    await volumes.create(asked({ name: "b", range: { required_bytes: "520192", limit_bytes: "0" } }), signal);
    await expect(volumes.create(asked({ name: "c" }), signal)).rejects.toMatchObject({
      code: "RESOURCE_EXHAUSTED",
    });
    const huge = asked({ name: "d", range: { required_bytes: "524289", limit_bytes: "0" } });
    await expect(volumes.create(huge, signal)).rejects.toMatchObject({ code: "OUT_OF_RANGE" });
  });

  it("is deleted with its data, any number of times, but not while it is mounted", async () => {
    const { id } = await volumes.create(asked(), signal);
    backend.mounted.push({ volumeId: id, target: "/pods/a", readOnly: false });
    await expect(volumes.delete(id)).rejects.toMatchObject({ code: "FAILED_PRECONDITION" });
    backend.mounted.length = 0;
    await volumes.delete(id);
    await volumes.delete(id);
    expect([backend.records.size, backend.data.size]).toEqual([0, 0]);
  });

  it("grows and never shrinks", async () => {
    const { id } = await volumes.create(asked({ access: "block" }), signal);
    expect(await volumes.expand(id, { required_bytes: "20480", limit_bytes: "0" })).toMatchObject({
      capacityBytes: 20_480,
    });
    expect(await volumes.expand(id, { required_bytes: "4096", limit_bytes: "0" })).toMatchObject({
      capacityBytes: 20_480,
    });
    expect(backend.data.get(id)?.bytes).toBe(20_480);
  });

  it("made from a snapshot is as large as its source at least", async () => {
    const { id } = await volumes.create(asked(), signal);
    const snapshot = await snapshots.create("s", id, signal);
    const copy = await volumes.create(
      asked({ name: "copy", range: null, source: { kind: "snapshot", id: snapshot.id } }),
      signal,
    );
    expect(copy.capacityBytes).toBe(8192);
    await volumes.delete(id);
    await snapshots.delete(snapshot.id);
    expect(records.volumes().map(({ name }) => name)).toEqual(["copy"]);
  });
});

describe("a snapshot", () => {
  it("is made once a name and refuses it to another source", async () => {
    const a = await volumes.create(asked(), signal);
    const b = await volumes.create(asked({ name: "pvc-2" }), signal);
    const first = await snapshots.create("s", a.id, signal);
    expect(await snapshots.create("s", a.id, signal)).toEqual(first);
    await expect(snapshots.create("s", b.id, signal)).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
  });
});

describe("synchronizing", () => {
  it("releases what the node forgot, keeps the data, and touches nothing without authority", async () => {
    const life = start();
    const kept = await volumes.create(asked(), signal);
    const forgotten = await volumes.create(asked({ name: "pvc-2" }), signal);
    for (const { id } of [kept, forgotten])
      backend.mounted.push({ volumeId: id, target: `/pods/${id}`, readOnly: false });
    const stillValid = [{ kind: "volume", id: kept.id }];
    expect((await life.synchronize({ stillValid, authoritative: false })).released).toEqual([]);
    const answer = await life.synchronize({ stillValid, authoritative: true });
    expect(answer.released.map(({ id }) => id)).toEqual([forgotten.id]);
    expect(answer.held.map(({ id }) => id)).toEqual([kept.id]);
    expect(backend.data.size).toBe(2);
  });

  it("at a teardown leaves nothing mounted and keeps the data", async () => {
    const life = start();
    const { id } = await volumes.create(asked(), signal);
    backend.mounted.push({ volumeId: id, target: "/pods/a", readOnly: false });
    await life.shutdown("an update");
    expect(backend.mounted).toHaveLength(1);
    await life.shutdown("teardown");
    expect([backend.mounted.length, backend.data.size]).toEqual([0, 1]);
  });

  it("takes an inline volume of a forgotten pod away with its data", async () => {
    const life = start();
    await volumes.createEphemeral("csi-abc", 0, signal);
    await life.synchronize({ stillValid: [], authoritative: true });
    expect(backend.data.size).toBe(0);
  });
});
