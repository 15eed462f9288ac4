import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { execa } from "execa";
import { FakeClock, silentLogger } from "@berth/base";
import { bindMount, mountTmpfs, unmount } from "@berth/linux";
import {
  type ApiClient,
  clientOf,
  createApiClient,
  httpsTransport,
  readKubeconfig,
  resources,
} from "../../core/client/index.ts";
import { openPki } from "../../core/http/index.ts";
import { diagnose, readCoreEvidence } from "../../core/main/doctor/doctor.ts";
import { faults, type Finding } from "../../core/main/doctor/finding.ts";
import { readEvidence } from "../../core/main/doctor/read-evidence.ts";
import { NodeTools } from "../../core/main/plugins/node-tools.ts";
import type { CoreSettings } from "../../core/main/serve/core-settings.ts";
import { freePorts } from "../support/free-ports.ts";
import { UserCore } from "../support/user-core.ts";

const root = join(import.meta.dirname, "../..");
const standIns = join(root, "test/support/plugins");
const named = new Set<string>();
let core: UserCore;
let options: Awaited<ReturnType<typeof readKubeconfig>>;
let api: ApiClient;

beforeAll(async () => {
  core = await UserCore.prepare("doctor");
  await core.start("--ephemeral");
  options = await readKubeconfig(core.kubeconfig);
  api = createApiClient(httpsTransport(options));
  await core.apply(plugin("notes", join(standIns, "cni-notes"), { grants: ["events"] }));
  await core.shows(["ready"], "get", "plugininstance", "notes.doctor");
});
afterAll(() => core[Symbol.asyncDispose]());

const settings = (): CoreSettings => ({
  dataDirectory: core.dataDirectory,
  runDirectory: join(core.folder, "r"),
  kubeletRoot: join(core.folder, "k"),
  nodeName: "doctor",
  address: "127.0.0.1",
  nodeAddress: "127.0.0.1",
  apiPort: core.port,
  kubeletPort: core.kubeletPort,
  pluginSet: undefined,
  pluginFolder: "",
  devPlugins: false,
  ephemeral: true,
  etcd: undefined,
});

/** Of a node that is not there yet and has nothing in common with the one that runs. */
async function otherSettings(change: Partial<CoreSettings> = {}): Promise<CoreSettings> {
  const [apiPort, kubeletPort] = await freePorts(2);
  const folder = join(core.folder, `other${named.size}`);
  return {
    ...settings(),
    dataDirectory: join(folder, "data"),
    runDirectory: join(core.folder, "o"),
    kubeletRoot: join(folder, "k"),
    nodeName: "other",
    apiPort: apiPort!,
    kubeletPort: kubeletPort!,
    ...change,
  };
}

async function examineNode(of: CoreSettings): Promise<Finding[]> {
  return diagnose(await readEvidence(of), { instances: [], recordings: [] });
}

async function examine(): Promise<Finding[]> {
  return diagnose(await readEvidence(settings()), await coreEvidence());
}

const coreEvidence = () =>
  readCoreEvidence({
    instances: async () => (await clientOf(api, resources.pluginInstances).list()).items,
    recording: ({ spec }) => new NodeTools(options, spec.nodeName, spec.plugin).recording(),
    note: (text) => expect.fail(text),
  });

/** The one fault that was found, after its words were looked at: one cause, one fix. */
function only(findings: Finding[], words: string | RegExp): string {
  const names = findings.map((one) => one.fault);
  for (const name of names) named.add(name);
  expect(JSON.stringify(findings)).toMatch(words);
  for (const text of findings.flatMap(({ cause, fix }) => [cause, fix])) expect(text).toMatch(/\S+ \S+/);
  return names.join(", ");
}

const plugin = (name: string, path: string, more: object = {}) => ({
  apiVersion: "berth.dev/v1alpha1",
  kind: "Plugin",
  metadata: { name },
  spec: { contract: "cni", source: { path }, dev: true, ...more },
});

function packageOf(name: string, manifest: object, files: Record<string, string> = {}): string {
  const folder = join(core.folder, "packages", name);
  mkdirSync(folder, { recursive: true });
  const base = {
    id: name,
    version: "0.1.0",
    contract: "device",
    contractVersions: { device: ["v1beta1"] },
    sdk: false,
  };
  writeFileSync(join(folder, "plugin.json"), JSON.stringify({ ...base, ...manifest }));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  return folder;
}

/** Applies, waits for a diagnosis with these words, takes it away again and waits until nothing is wrong. */
async function diagnosisOf(
  object: ReturnType<typeof plugin>,
  words: string,
  before?: () => Promise<unknown>,
): Promise<Finding[]> {
  await core.apply(object);
  await before?.();
  let findings: Finding[] = [];
  const said = async (): Promise<string> => JSON.stringify((findings = await examine()));
  await expect.poll(said, { timeout: 60_000 }).toContain(words);
  await core.kubectl("delete", "plugin", object.metadata.name);
  await expect.poll(examine, { timeout: 60_000 }).toEqual([]);
  return findings;
}

test("a healthy node has nothing", async () => {
  expect(await examine()).toEqual([]);
  const said = await core.berth("doctor", ...doctorOptions(settings()));
  expect(said).toEqual({ code: 0, text: "nothing is wrong" });
  // Without options it is the core of the kubeconfig that is in use; its ports are not called taken.
  const found = await core.berth("doctor", "--verbose");
  expect(found).toMatchObject({
    code: 0,
    text: expect.stringContaining(`the core of ${core.dataDirectory} is looked at`),
  });
  expect(found.text).toContain("nothing is wrong");
});

const doctorOptions = (of: CoreSettings): string[] =>
  Object.entries({
    "data-dir": of.dataDirectory,
    "run-dir": of.runDirectory,
    "kubelet-root": of.kubeletRoot,
    "node-name": of.nodeName,
    port: String(of.apiPort),
    "kubelet-port": String(of.kubeletPort),
  }).flatMap(([name, value]) => [`--${name}`, value]);

const notes = join(standIns, "cni-notes");
const device = { contract: "device" };
const pluginFaults: readonly [fault: string, words: string, object: () => ReturnType<typeof plugin>][] = [
  [
    "wrong-digest",
    "spec.digest is sha256:",
    () => plugin("digest", notes, { dev: false, digest: `sha256:${"0".repeat(64)}`, grants: ["events"] }),
  ],
  [
    "wrong-version",
    "spec.version is 9.9.9",
    () => plugin("version", notes, { version: "9.9.9", grants: ["events"] }),
  ],
  [
    "config-typo",
    "did you mean prefix?",
    () => plugin("typo", notes, { config: { prefx: "10.1.1" }, grants: ["events"] }),
  ],
  ["path-too-long", "socket path", () => plugin("n".repeat(63), notes)],
  [
    "missing-binary",
    "no-such-program",
    () => plugin("binary", packageOf("binary", { entry: ["no-such-program"] }), device),
  ],
  [
    "no-permission",
    "Permission denied",
    () => {
      const folder = packageOf("closed", { entry: ["./run.sh"] }, { "run.sh": "#!/bin/sh\n" });
      chmodSync(join(folder, "run.sh"), 0o644);
      return plugin("closed", folder, device);
    },
  ],
  ["hung-start", "start budget of 2 s", () => plugin("hang", join(standIns, "raw-hang"))],
  ["out-of-memory", "memory limit", () => plugin("eater", join(standIns, "raw-eater"))],
  [
    "crash-loop",
    "exit code 3: cannot find the frobnicator",
    () => plugin("crash", join(standIns, "raw-crash")),
  ],
  [
    "unhealthy-dependency",
    "contract:csi",
    () => plugin("needy", packageOf("needy", { entry: ["sleep", "60"], needs: ["contract:csi"] }), device),
  ],
];

test.each(pluginFaults)("a plugin with the fault %s", async (fault, words, object) => {
  expect(only(await diagnosisOf(object(), words), words)).toBe(fault);
});

test("a runtime whose containerd is not there", async () => {
  const path = join(root, "plugins/cri-containerd");
  const grants = (
    JSON.parse((await core.berth("plugin", "pin", path, "--dev")).text) as { spec: { grants: string[] } }
  ).spec.grants;
  const config = { endpoint: `unix://${join(core.folder, "nowhere.sock")}` };
  const object = plugin("cri-containerd", path, { contract: "cri", grants, config });
  // What lasts: neither the first seconds, in which it waits, nor the moments between two starts.
  const restarted = async (): Promise<unknown> =>
    core.shows(
      ["does not answer at"],
      "get",
      "plugininstance",
      "cri-containerd.doctor",
      "-o",
      "jsonpath={.status.lastCause.message}",
    );
  const words = "does not answer at";
  expect(only(await diagnosisOf(object, words, restarted), words)).toBe("containerd-unreachable");
});

test("a driver that claims what it does not do", async () => {
  const object = plugin("csi-liar", join(standIns, "csi-liar"), { contract: "csi" });
  const words = "claims STAGE_UNSTAGE_VOLUME";
  const findings = await diagnosisOf(object, words, async () => {
    await core.shows(["ready"], "get", "plugininstance", "csi-liar.doctor");
    const call = { verb: "NodeStageVolume", message: { volume_id: "v", staging_target_path: "/x" } };
    await expect(new NodeTools(options, "doctor", "csi-liar").call(call)).rejects.toThrow("UNIMPLEMENTED");
  });
  expect(only(findings, words)).toBe("lying-capability");
});

test("a process that was started as a plugin and belongs to nobody", async () => {
  const env = {
    BERTH_INSTANCE: "gone.doctor",
    BERTH_HANDSHAKE: join(core.folder, "r/doctor/p/gone/hello.sock"),
  };
  const child = spawn("sleep", ["600"], { env: { ...process.env, ...env }, detached: true, stdio: "ignore" });
  try {
    expect(only(await examine(), `kill ${child.pid}`)).toBe("orphaned-process");
  } finally {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
  expect(await examine()).toEqual([]);
});

test("a socket that nobody serves any more", async () => {
  const folder = join(core.folder, "stale/k/plugins_registry");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "gone.sock");
  const text =
    "import socket,sys,os; s=socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(); os._exit(0)";
  await execa("python3", ["-c", text, path]);
  expect(
    only(await examineNode(await otherSettings({ kubeletRoot: join(core.folder, "stale/k") })), path),
  ).toBe("stale-socket");
});

test("a clock that was set an hour ahead (the time of boot is handed in: this test may not set the machine's clock)", async () => {
  const evidence = await readEvidence(settings());
  const findings = diagnose({ ...evidence, bootedAt: evidence.bootedAt + 3_600_000 }, await coreEvidence());
  // The kernel and the wall clock each round to their own tick.
  expect(only(findings, /set forward by (3599|3600|3601) s/)).toBe("clock-jump");
});

test("a lock that something else than a core holds", async () => {
  const of = await otherSettings();
  mkdirSync(of.dataDirectory, { recursive: true });
  const lock = join(of.dataDirectory, "core.lock");
  const child = spawn("flock", ["-x", lock, "-c", "echo held; exec sleep 600"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  try {
    await once(child.stdout, "data");
    expect(only(await examineNode(of), "and it is no core")).toBe("stale-lock");
  } finally {
    for (const pid of readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8")
      .trim()
      .split(" ")
      .filter(Boolean))
      process.kill(Number(pid), "SIGKILL");
    await once(child, "exit");
  }
});

test("a disk that is full", async () => {
  const of = await otherSettings();
  mkdirSync(of.dataDirectory, { recursive: true });
  mountTmpfs(of.dataDirectory, { sizeBytes: 8 * 1024 ** 2 });
  try {
    expect(only(await examineNode(of), "8 MiB free")).toBe("full-disk");
  } finally {
    unmount(of.dataDirectory);
  }
});

test("a data directory in the root of a container, where no image layer can be stacked", async () => {
  const of = await otherSettings();
  mkdirSync(of.dataDirectory, { recursive: true });
  const parts = join(core.folder, "parts");
  mkdirSync(parts);
  mountTmpfs(parts, { sizeBytes: 1024 ** 2 });
  try {
    const [lower, upper, work] = ["lower", "upper", "work"].map((name) => join(parts, name));
    for (const folder of [lower!, upper!, work!]) mkdirSync(folder);
    const layers = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
    await execa("mount", ["-t", "overlay", "overlay", "-o", layers, of.dataDirectory]);
    try {
      const found = (await examineNode(of)).filter(({ about }) => about === "image layers");
      expect(only(found, "lies on an overlay file system")).toBe("missing-kernel-feature");
    } finally {
      unmount(of.dataDirectory);
    }
  } finally {
    unmount(parts);
  }
});

test("a data directory that may not be written", async () => {
  const of = await otherSettings();
  mkdirSync(of.dataDirectory, { recursive: true });
  bindMount(of.dataDirectory, of.dataDirectory, { readOnly: true });
  try {
    expect(only(await examineNode(of), "cannot be written")).toBe("no-permission");
  } finally {
    unmount(of.dataDirectory);
  }
});

test("a port that another program has", async () => {
  const of = await otherSettings();
  const server = createServer().listen(of.apiPort, "127.0.0.1");
  await once(server, "listening");
  try {
    expect(only(await examineNode(of), `sport = :${of.apiPort}`)).toBe("port-taken");
  } finally {
    server.close();
  }
});

test("a run directory whose sockets would have too long a path", async () => {
  const of = await otherSettings({ runDirectory: `/tmp/${"x".repeat(90)}` });
  expect(only(await examineNode(of), "--run-dir")).toBe("path-too-long");
});

test("certificates that have expired", async () => {
  const of = await otherSettings();
  const pki = await openPki({
    folder: join(of.dataDirectory, "pki"),
    clock: new FakeClock(Date.UTC(2020, 0, 1)),
    logger: silentLogger,
  });
  await pki.leaf("admin", { commonName: "admin", organizations: [], usages: ["client"] });
  expect(only(await examineNode(of), "it was valid until 20")).toBe("expired-certificate");
});

test("a kernel without what a node needs, and the exit status of a finding", async () => {
  const of = await otherSettings();
  const list = join(core.folder, "filesystems");
  const text = readFileSync("/proc/filesystems", "utf8")
    .split("\n")
    .filter((line) => !line.includes("overlay"));
  writeFileSync(list, text.join("\n"));
  const program = ["core/main/main.ts", "doctor", ...doctorOptions(of), "-o", "json"].join(" ");
  const { stdout, exitCode } = await execa(
    "unshare",
    ["-m", "sh", "-c", `mount --bind ${list} /proc/filesystems && exec ${process.execPath} ${program}`],
    { cwd: root, reject: false, env: { KUBECONFIG: "" } },
  );
  expect(only(JSON.parse(stdout) as Finding[], "modprobe overlay")).toBe("missing-kernel-feature");
  expect(exitCode).toBe(1);
});

test("every fault that the doctor can name was seeded above and is explained in docs/doctor.md", () => {
  const all = faults.filter((fault) => fault !== "refused");
  expect(all).toHaveLength(20);
  expect(all.filter((fault) => !named.has(fault))).toEqual([]);
  const page = readFileSync(join(root, "docs/doctor.md"), "utf8");
  expect(faults.filter((fault) => !page.includes(`\`${fault}\``))).toEqual([]);
});
