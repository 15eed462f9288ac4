import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import { mountTmpfs, unmount } from "@berth/linux";
import { loadContract } from "@berth/proto";
import { type ServiceKey, services, verbsOf } from "@berth/verbs";
import { CallRedaction } from "../../core/pluginhost/call/call-redaction.ts";
import { FlightRecorder } from "../../core/pluginhost/call/flight-recorder.ts";
import { FlushRound } from "../../core/pluginhost/call/flush-round.ts";
import { LineRing } from "../../core/pluginhost/call/line-ring.ts";
import { isReady, seen, TestNode, wanted } from "../support/pluginhost/test-host.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "berth-rec-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const flushes = new FlushRound();
afterAll(() => flushes.dispose());

const open = (size?: number): FlightRecorder =>
  new FlightRecorder(new CallRedaction(), new LineRing(join(folder, "calls/x.jsonl"), size), flushes);

function finished(key: ServiceKey, method: string, detail: string, messages: object = {}) {
  const verb = verbsOf(loadContract(key.contract), key.name).find((one) => one.method === method)!;
  const call = { at: 1, key, verb, incarnation: 1, milliseconds: 1, code: "OK", detail };
  return { ...call, request: {}, response: {}, ...messages };
}
const note = (detail: string) => finished(services.network, "Status", detail);

test("the last calls are kept, oldest first, by whoever opens the file next", () => {
  const first = open(3);
  for (const detail of ["a", "b", "c", "d"]) first.record(note(detail));
  first.flush();
  const second = open(3);
  expect(second.list().map(({ detail }) => detail)).toEqual(["b", "c", "d"]);
  for (const detail of ["e", "f", "g", "h"]) second.record(note(detail));
  second.flush();
  expect(
    open(3)
      .list()
      .map(({ detail }) => detail),
  ).toEqual(["f", "g", "h"]);
});

test("no secret reaches the disk: CSI secrets, values of a container's environment, registry passwords", () => {
  const recorder = open();
  const secret = "hunter2";
  recorder.record(
    finished(services.csiNode, "NodeStageVolume", "", {
      request: { volume_id: "v", secrets: { k: secret } },
    }),
  );
  const config = { envs: [{ key: "PASSWORD", value: Buffer.from(secret) }], command: ["sleep"] };
  recorder.record(finished(services.runtime, "CreateContainer", "", { request: { config } }));
  recorder.record(finished(services.image, "PullImage", "", { request: { auth: { password: secret } } }));
  recorder.record(finished(services.runtime, "ExecSync", "", { response: { stdout: Buffer.from(secret) } }));
  recorder.flush();
  const path = join(folder, "calls/x.jsonl");
  const text = readFileSync(path, "utf8");
  expect(text).not.toContain(secret);
  expect(text).not.toContain(JSON.stringify(Buffer.from(secret)).slice(1, -1));
  expect(text).toContain('"volume_id":"v"');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(recorder.list()[1]?.request).toEqual({
    config: { envs: [{ key: "PASSWORD", value: "[redacted]" }], command: ["sleep"] },
  });
});

test("bytes are shown in base64, and a call too large to keep is kept as an outline", () => {
  const recorder = open();
  recorder.record(
    finished(services.runtime, "CheckpointPod", "", { request: { bytes: Buffer.from("abc") } }),
  );
  recorder.record(finished(services.network, "Status", "big", { request: { text: "x".repeat(300_000) } }));
  const [bytes, big] = recorder.list();
  expect(bytes?.request).toEqual({ bytes: "YWJj" });
  expect(big).toMatchObject({ detail: "big", tooLong: expect.any(Number) });
  expect(big?.request).toBeUndefined();
});

test("on a full disk no call fails, the gap is counted, and what comes later is read whole", () => {
  mountTmpfs(folder, { sizeBytes: 64 * 1024 });
  try {
    const recorder = open();
    recorder.record(note("before"));
    recorder.flush();
    const filler = join(folder, "filler");
    expect(() => writeFileSync(filler, Buffer.alloc(128 * 1024))).toThrow("ENOSPC");
    for (let n = 0; n < 60; n++) recorder.record(note("x".repeat(200)));
    recorder.flush();
    expect(recorder.lost).toBeGreaterThan(0);
    rmSync(filler);
    recorder.record(note("after"));
    const details = recorder.list().map(({ detail }) => detail);
    expect(details[0]).toBe("before");
    expect(details.at(-1)).toBe("after");
    recorder.close();
  } finally {
    unmount(folder);
  }
});

test("an exception that ends the host costs no call", async () => {
  const path = join(folder, "calls/x.jsonl");
  const program = `
    import { services, verbsOf } from "@berth/verbs";
    import { loadContract } from "@berth/proto";
    const call = "./core/pluginhost/call";
    const { CallRedaction } = await import(call + "/call-redaction.ts");
    const { FlightRecorder } = await import(call + "/flight-recorder.ts");
    const { FlushRound } = await import(call + "/flush-round.ts");
    const { LineRing } = await import(call + "/line-ring.ts");
    const key = services.network;
    const [verb] = verbsOf(loadContract(key.contract), key.name);
    const ring = new LineRing(${JSON.stringify(path)});
    const recorder = new FlightRecorder(new CallRedaction(), ring, new FlushRound());
    recorder.record({ at: 1, key, verb, incarnation: 1, milliseconds: 1, code: "OK", detail: "last words" });
    throw new Error("the host has a fault");`;
  const run = promisify(execFile)(process.execPath, ["--input-type=module", "-e", program]);
  await expect(run).rejects.toThrow("the host has a fault");
  expect(readFileSync(path, "utf8")).toContain("last words");
});

test("calls outlive a kill -9 of the plugin and a kill -9 of its host", async () => {
  const node = new TestNode();
  const world = { plugins: [wanted("notes", "cni-notes")] };
  try {
    const first = await node.startProcess(world, "notes", isReady);
    const file = join(node.root, "data/calls/notes.jsonl");
    await vi.waitUntil(() => existsSync(file) && statSync(file).size > 0, 30_000);
    await first.kill();
    const left = readFileSync(file, "utf8").trimEnd().split("\n");
    expect(left.length).toBeGreaterThan(0);
    const host = node.start();
    try {
      host.setDesired(world);
      const { pid } = await seen(host, "notes", (view) => isReady(view) && view.incarnation === 1);
      const call = () => host.tools.call("notes", { verb: "Version" }, new AbortController().signal);
      expect(await call()).toMatchObject({ verb: "berth.cni.v1.NetworkPlugin/Version", incarnation: 1 });
      const known = host.tools.recording("notes").calls;
      expect(known.slice(0, left.length).map(({ at }) => at)).toEqual(
        left.map((line) => (JSON.parse(line) as { at: number }).at),
      );
      process.kill(pid!, "SIGKILL");
      await seen(host, "notes", (view) => isReady(view) && view.incarnation === 2);
      expect(host.tools.recording("notes").calls.slice(0, known.length)).toEqual(known);
    } finally {
      await host.end("teardown");
    }
  } finally {
    node.remove();
  }
});
