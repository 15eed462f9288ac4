import { execFile } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { systemClock } from "@berth/base";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Node, Pod } from "../../core/api/index.ts";
import { ApiError, clientOf, resources } from "../../core/client/index.ts";
import type { CsiDriver } from "../../core/pluginhost/contracts/index.ts";
import { FakeCsiDriver } from "../support/fake-csi-drivers.ts";
import { FakeRuntime } from "../support/fake-runtime/fake-runtime.ts";
import { HandHost, startTestNode, type TestNode } from "../support/kubelet-node.ts";

const image = "docker.io/library/hello:1";
let node: TestNode;
let runtime: FakeRuntime;

beforeAll(async () => {
  runtime = new FakeRuntime(systemClock, { images: [image] });
  const host = new HandHost();
  host.handlers.push(runtime);
  node = await startTestNode(host);
});

afterAll(() => node.dispose());

/** Watches one object until it fits. */
async function until<T extends Pod | Node>(
  resource: "pods" | "nodes",
  name: string,
  fits: (object: T) => boolean,
): Promise<T> {
  const client = node.admin.resource<T>(resources[resource]);
  const scope = resource === "pods" ? { namespace: "default" } : {};
  const signal = AbortSignal.timeout(60_000);
  let last: T | undefined;
  try {
    for await (const event of client.watch({ ...scope, fieldSelector: `metadata.name=${name}`, signal })) {
      if (event.type === "BOOKMARK") continue;
      last = event.object;
      if (event.type !== "DELETED" && fits(event.object)) return event.object;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  throw new Error(`${resource}/${name} did not become what was waited for: ${JSON.stringify(last?.status)}`);
}

const isReady = (object: Pod | Node): boolean =>
  (object.status?.conditions ?? []).some(({ type, status }) => type === "Ready" && status === "True");

async function createPod(name: string, spec: Partial<NonNullable<Pod["spec"]>> = {}): Promise<void> {
  await clientOf(node.admin, resources.pods).create(
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: "default" },
      spec: {
        nodeName: "one",
        automountServiceAccountToken: false,
        containers: [{ name: "app", image }],
        ...spec,
      },
    },
    { namespace: "default" },
  );
}

async function untilGone(name: string): Promise<void> {
  const pods = clientOf(node.admin, resources.pods);
  const signal = AbortSignal.timeout(60_000);
  const { resourceVersion } = await pods.list({ namespace: "default" });
  try {
    await pods.get(name, { namespace: "default" });
  } catch (error) {
    if (ApiError.is(error, "NotFound")) return;
    throw error;
  }
  for await (const event of pods.watch({ namespace: "default", resourceVersion, signal })) {
    if (event.type === "DELETED" && event.object.metadata.name === name) return;
  }
}

describe("a node", () => {
  it("registers itself and says what it is and that it is ready", async () => {
    const found = await until<Node>("nodes", "one", isReady);
    expect(found.metadata.labels).toMatchObject({
      "kubernetes.io/hostname": "one",
      "kubernetes.io/os": "linux",
    });
    expect(found.status?.nodeInfo?.containerRuntimeVersion).toBe("fake://1.0.0");
    expect(found.status?.daemonEndpoints?.kubeletEndpoint?.Port).toBe(node.kubelet.port);
    expect(found.status?.runtimeHandlers).toEqual([{ name: "runc" }]);
    expect(Number(found.status?.allocatable?.["cpu"])).toBeGreaterThan(0);
  });

  it("is not ready while its runtime is away, and says which part is missing", async () => {
    const elsewhere = { metadata: { annotations: { "berth.dev/kubelet-host": "192.0.2.9" } } };
    await clientOf(node.admin, resources.nodes).patch("one", "merge", elsewhere);
    runtime.ready = false;
    node.host.changed.fire();
    const away = await until<Node>("nodes", "one", (found) => !isReady(found));
    const ready = away.status?.conditions?.find(({ type }) => type === "Ready");
    expect(ready).toMatchObject({ status: "False", reason: "RuntimeNotReady" });
    expect(ready?.message).toMatch(/^runtime: plugin fake@1.0.0 is not ready/);
    runtime.ready = true;
    node.host.changed.fire();
    // What an earlier start said of its port goes as soon as it is noticed.
    const notElsewhere = ({ metadata }: Node): boolean =>
      metadata.annotations?.["berth.dev/kubelet-host"] === undefined;
    await until<Node>("nodes", "one", (found) => isReady(found) && notElsewhere(found));
  });

  it("is not Ready while the plugin of its default runtime says that it is not", async () => {
    runtime.unready = "RuntimeReady: no containers today";
    node.host.changed.fire();
    const unready = await until<Node>("nodes", "one", (found) => !isReady(found));
    expect(unready.status?.conditions?.find(({ type }) => type === "Ready")).toMatchObject({
      reason: "RuntimeNotReady",
      message: expect.stringContaining("says it is not ready: RuntimeReady: no containers today"),
    });
    runtime.unready = "";
    node.host.changed.fire();
    await until<Node>("nodes", "one", isReady);
  });
});

describe("a pod", () => {
  it("becomes Ready, with its files and environment from the API", async () => {
    await clientOf(node.admin, resources.configMaps).create(
      {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "settings", namespace: "default" },
        data: { color: "blue", "app.conf": "x=1\n" },
      },
      { namespace: "default" },
    );
    await createPod("files", {
      volumes: [
        { name: "settings", configMap: { name: "settings" } },
        { name: "scratch", emptyDir: {} },
        {
          name: "about",
          downwardAPI: { items: [{ path: "labels", fieldRef: { fieldPath: "metadata.name" } }] },
        },
      ],
      containers: [
        {
          name: "app",
          image,
          env: [
            { name: "COLOR", valueFrom: { configMapKeyRef: { name: "settings", key: "color" } } },
            { name: "ME", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
            { name: "BOTH", value: "$(COLOR)-$(ME)" },
          ],
          volumeMounts: [
            { name: "settings", mountPath: "/etc/app" },
            { name: "scratch", mountPath: "/scratch" },
            { name: "about", mountPath: "/about" },
          ],
        },
      ],
    });
    const pod = await until<Pod>("pods", "files", isReady);
    expect(pod.status).toMatchObject({ phase: "Running", qosClass: "BestEffort" });
    const { config } = runtime.find("app")!;
    const env = Object.fromEntries((config.envs ?? []).map(({ key, value }) => [key, String(value)]));
    expect(env["BOTH"]).toBe(`blue-${pod.status?.podIP}`);
    const mounts = new Map((config.mounts ?? []).map((mount) => [mount.container_path, mount.host_path!]));
    expect(await readFile(join(mounts.get("/etc/app")!, "app.conf"), "utf8")).toBe("x=1\n");
    expect(await readFile(join(mounts.get("/about")!, "labels"), "utf8")).toBe("files");
    expect(await readFile(mounts.get("/etc/hosts")!, "utf8")).toContain(`${pod.status?.podIP}\tfiles`);
    expect(await readdir(mounts.get("/scratch")!)).toEqual([]);
  });

  it("waits for what it refers to, says so, and goes on when it is there", async () => {
    await createPod("waits", {
      containers: [{ name: "app", image, envFrom: [{ secretRef: { name: "later" } }] }],
    });
    const waiting = await until<Pod>(
      "pods",
      "waits",
      (pod) => pod.status?.containerStatuses?.[0]?.state?.waiting?.reason === "CreateContainerConfigError",
    );
    expect(waiting.status?.containerStatuses?.[0]?.state?.waiting?.message).toBe('secret "later" not found');
    await clientOf(node.admin, resources.pods).delete("waits", {
      namespace: "default",
      gracePeriodSeconds: 1,
    });
    await untilGone("waits");
  });

  it("whose volume driver is absent waits on its node, is never rejected, and starts when the driver is there", async () => {
    const phases = new Set<string | undefined>();
    await createPod("early", {
      volumes: [{ name: "data", csi: { driver: "late.example.com" } }],
      containers: [{ name: "app", image, volumeMounts: [{ name: "data", mountPath: "/data" }] }],
    });
    const told = async (): Promise<boolean> => {
      const { items } = await clientOf(node.admin, resources.events).list({ namespace: "default" });
      return items.some((one) => one.message?.includes("late.example.com"));
    };
    await expect.poll(told, { timeout: 60_000, interval: 20 }).toBe(true);
    // Publishing itself is proven on the real driver.
    const done = () => Promise.resolve({});
    const verbs = { nodePublishVolume: done, nodeUnpublishVolume: done };
    const driver = new FakeCsiDriver("late.example.com").view();
    node.host.drivers.push({ ...driver, node: verbs as unknown as CsiDriver["node"] });
    node.host.changed.fire();
    await until<Pod>("pods", "early", (pod) => {
      phases.add(pod.status?.phase);
      return isReady(pod);
    });
    expect(phases).not.toContain("Failed");
    await clientOf(node.admin, resources.pods).delete("early", {
      namespace: "default",
      gracePeriodSeconds: 1,
    });
    await untilGone("early");
    node.host.drivers.length = 0;
  });

  it("outlives a restart of the node untouched", async () => {
    const before = await until<Pod>("pods", "files", isReady);
    const calls = runtime.calls.length;
    await node.restart();
    await until<Node>(
      "nodes",
      "one",
      (found) => found.status?.daemonEndpoints?.kubeletEndpoint?.Port === node.kubelet.port,
    );
    await createPod("after-restart");
    await until<Pod>("pods", "after-restart", isReady);
    expect(
      runtime.calls.slice(calls).filter((call) => !call.includes("after-restart") && !call.includes("app#0")),
    ).toEqual([]);
    const after = await until<Pod>("pods", "files", isReady);
    expect(after.status?.containerStatuses?.[0]?.containerID).toBe(
      before.status?.containerStatuses?.[0]?.containerID,
    );
  });

  it("that runs is neither rejected nor started anew while its runtime's plugin is away, through a restart of the node", async () => {
    const before = await until<Pod>("pods", "files", isReady);
    const calls = runtime.calls.length;
    node.host.handlers.length = 0;
    node.host.changed.fire();
    await node.restart();
    await until<Node>("nodes", "one", (found) => !isReady(found));
    await createPod("newcomer");
    await until<Pod>(
      "pods",
      "newcomer",
      ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === "WaitingForNode",
    );
    const meanwhile = await clientOf(node.admin, resources.pods).get("files", { namespace: "default" });
    expect(meanwhile.status?.phase).toBe("Running");
    expect(meanwhile.status?.containerStatuses).toEqual(before.status?.containerStatuses);
    node.host.handlers.push(runtime);
    node.host.changed.fire();
    await until<Pod>("pods", "newcomer", isReady);
    const after = await until<Pod>("pods", "files", isReady);
    expect(after.status?.containerStatuses).toEqual(before.status?.containerStatuses);
    const changes = runtime.calls
      .slice(calls)
      .filter((call) => !call.includes("newcomer") && !call.includes("app#0"));
    expect(changes).toEqual([]);
    await clientOf(node.admin, resources.pods).delete("newcomer", {
      namespace: "default",
      gracePeriodSeconds: 1,
    });
    await untilGone("newcomer");
  });

  it("that was forgotten by the API while the node was away is cleaned up at its return", async () => {
    const uid = [...runtime.sandboxes.values()].find(
      ({ config }) => config.metadata?.name === "after-restart",
    )?.config.metadata?.uid;
    // As if a former life of the node had left it.
    for (const sandbox of runtime.sandboxes.values()) {
      if (sandbox.config.metadata?.uid === uid) sandbox.config.labels!["io.kubernetes.pod.uid"] = "forgotten";
    }
    for (const container of runtime.containers.values()) {
      if (container.config.labels?.["io.kubernetes.pod.uid"] === uid)
        container.config.labels!["io.kubernetes.pod.uid"] = "forgotten";
    }
    await mkdir(join(node.folder, "kubelet/pods/forgotten/volumes"), { recursive: true });
    await node.restart();
    await untilTrue(async () => !(await readdir(join(node.folder, "kubelet/pods"))).includes("forgotten"));
    const owners = () =>
      [...runtime.sandboxes.values()].map(({ config }) => config.labels?.["io.kubernetes.pod.uid"]);
    await expect.poll(owners, { timeout: 60_000 }).not.toContain("forgotten");
  });

  it("shows its logs to kubectl, follows them and ends with the container", async () => {
    await createPod("talks", { restartPolicy: "Never" });
    await until<Pod>("pods", "talks", isReady);
    const { config } = runtime.find("app")!;
    const sandbox = [...runtime.sandboxes.values()].find((one) => one.config.metadata?.name === "talks")!;
    const path = join(sandbox.config.log_directory!, config.log_path!);
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(
      path,
      "2026-01-01T00:00:00.000000001Z stdout F one\n2026-01-01T00:00:01.000000001Z stderr P two-\n2026-01-01T00:00:01.000000002Z stderr F half\n",
    );
    const kubectl = (...args: string[]) =>
      promisify(execFile)("kubectl", ["--kubeconfig", node.api.kubeconfig, ...args]).then(
        ({ stdout }) => stdout,
      );
    expect(await kubectl("logs", "talks")).toBe("one\ntwo-half\n");
    expect(await kubectl("logs", "talks", "--tail=1")).toBe("two-half\n");
    const following = kubectl("logs", "-f", "talks");
    await writeFile(path, "2026-01-01T00:00:02.000000001Z stdout F three\n", { flag: "a" });
    runtime.exit("app", 0);
    expect(await following).toBe("one\ntwo-half\nthree\n");
    await until<Pod>("pods", "talks", (pod) => pod.status?.phase === "Succeeded");
  });

  it("is ended and leaves nothing on the node when it is deleted", async () => {
    for (const name of ["files", "talks", "after-restart"]) {
      await clientOf(node.admin, resources.pods).delete(name, {
        namespace: "default",
        gracePeriodSeconds: 1,
      });
      await untilGone(name);
    }
    // A pod that had ended is deleted at once; the node follows.
    await untilTrue(async () => runtime.sandboxes.size === 0);
    await untilTrue(async () => (await readdir(join(node.folder, "kubelet/pods"))).length === 0);
    await untilTrue(async () => (await readdir(join(node.folder, "logs"))).length === 0);
    expect([runtime.sandboxes.size, runtime.containers.size]).toEqual([0, 0]);
  });
});

async function untilTrue(ask: () => Promise<boolean>): Promise<void> {
  const end = AbortSignal.timeout(60_000);
  while (!(await ask())) {
    end.throwIfAborted();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
