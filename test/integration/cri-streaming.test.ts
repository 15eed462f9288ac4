import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { plugin } from "../../plugins/cri-containerd/plugin.ts";
import { buildExampleImage } from "../../tools/example-image/build-example-image.ts";
import { CriNode, eventually, type RunningPod } from "../support/cri-node.ts";
import { importArchive } from "../support/cri-pod.ts";
import { freePorts } from "../support/free-ports.ts";
import { KubectlFacade } from "../support/kubectl-facade.ts";
import { type PrivateContainerd, startPrivateContainerd } from "../support/private-containerd.ts";

const manifest = join(import.meta.dirname, "../../plugins/cri-containerd/plugin.json");

describe("exec, attach and port-forward with the real kubectl", () => {
  const folder = mkdtempSync(join(tmpdir(), "berth-str-"));
  let containerd: PrivateContainerd;
  let node: CriNode;
  let facade: KubectlFacade;
  let pod: RunningPod;
  /** Whose streams kubectl gets. */
  let attached: string;
  let onces = 0;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    const archive = join(folder, "hello.tar");
    containerd = await startPrivateContainerd(manifest);
    await buildExampleImage({
      output: archive,
      reference: "docker.io/library/hello:1",
      busybox: "/bin/busybox",
    });
    node = await CriNode.start(plugin, {
      folder,
      bridge: "brstrtest",
      subnet: "10.97.0.0/16",
      options: { containerd: containerd.endpoint },
    });
    await importArchive(node.cri, archive);
    pod = await node.startPod(
      "web",
      "httpd -p 127.0.0.1:8080 -h /www; while read -r line; do echo got $line; done",
      { stdin: true },
    );
    attached = pod.container;
    facade = await KubectlFacade.start(openStream);
  });

  afterAll(async () => {
    await facade[Symbol.asyncDispose]();
    await node.removeAllPods();
    await node[Symbol.asyncDispose]();
    await containerd[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  afterEach(() => {
    for (const child of children.splice(0)) child.kill("SIGKILL");
  });

  async function openStream(subresource: string, query: URLSearchParams): Promise<string> {
    const flag = (name: string): boolean => query.get(name) === "true";
    const streams = {
      container_id: attached,
      tty: flag("tty"),
      stdin: flag("stdin"),
      stdout: flag("stdout"),
      stderr: flag("stderr"),
    };
    const { runtime } = node.cri;
    if (subresource === "exec") return (await runtime.exec({ ...streams, cmd: query.getAll("command") })).url;
    if (subresource === "attach") return (await runtime.attach(streams)).url;
    return (await runtime.portForward({ pod_sandbox_id: pod.sandbox })).url;
  }

  // kubectl speaks WebSocket unless it is told otherwise; what is older than it speaks SPDY.
  const spdy = { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: "false", KUBECTL_PORT_FORWARD_WEBSOCKETS: "false" };

  describe.each([
    ["WebSocket", {}],
    ["SPDY/3.1", spdy],
  ])("over %s", (_, choice) => {
    const env = { ...process.env, ...choice };

    function kubectl(
      args: string[],
      input = "",
    ): Promise<{ code: number | null; stdout: string; stderr: string }> {
      const child = spawn(
        "kubectl",
        ["--server", facade.url, "--cache-dir", join(folder, "cache"), ...args],
        { env },
      );
      const texts = { stdout: "", stderr: "" };
      for (const name of ["stdout", "stderr"] as const)
        child[name].on("data", (part: Buffer) => (texts[name] += String(part)));
      children.push(child);
      child.stdin.on("error", () => undefined);
      child.stdin.end(input);
      return new Promise((resolve) => child.once("close", (code) => resolve({ code, ...texts })));
    }

    test("exec carries output, errors and the exit code apart", async () => {
      const answer = await kubectl(["exec", "web", "--", "sh", "-c", "echo out; echo err >&2; exit 3"]);
      expect(answer.stdout).toBe("out\n");
      expect(answer.stderr).toContain("err\n");
      expect(answer.code).toBe(3);
    });

    test("exec carries a large input there and back unchanged", async () => {
      const input = "0123456789abcdef\n".repeat(60_000);
      const answer = await kubectl(["exec", "-i", "web", "--", "cat"], input);
      expect(answer.code).toBe(0);
      expect(answer.stdout.length).toBe(input.length);
      expect(answer.stdout === input).toBe(true);
    });

    test("exec of a program that is not there says so", async () => {
      const answer = await kubectl(["exec", "web", "--", "/no/such"]);
      expect(answer.code).not.toBe(0);
      expect(answer.stderr).toContain("no such file or directory");
    });

    test("a terminal is one", async () => {
      // `script` gives kubectl the terminal that it asks of its own caller; the end of its own input it would type in.
      const command = `kubectl --server ${facade.url} exec -it web -- sh -c "tty; test -t 2 && echo both"`;
      const child = spawn("script", ["-qec", command, "/dev/null"], {
        stdio: ["pipe", "pipe", "inherit"],
        env,
      });
      let output = "";
      child.stdout.on("data", (part: Buffer) => (output += String(part)));
      await new Promise((resolve) => child.once("close", resolve));
      expect(output).toMatch(/\/dev\/pts\/\d+\r\nboth\r\n/);
    });

    test("attach reaches the first process", async () => {
      const child = spawn(
        "kubectl",
        ["--server", facade.url, "--cache-dir", join(folder, "cache"), "attach", "-i", "web"],
        { env },
      );
      let output = "";
      child.stdout.on("data", (part: Buffer) => (output += String(part)));
      child.stdin.write("hello\n");
      const seen = await eventually(
        () => output,
        (text) => text.includes("got hello\n"),
      );
      expect(seen).toContain("got hello\n");
      child.kill("SIGKILL");
      await new Promise((resolve) => child.once("close", resolve));
    });

    test("the input of a container that takes it once ends with the first caller's", async () => {
      attached = await node.startContainer(pod, `once-${++onces}`, "cat; echo over", { stdin: "once" });
      const answer = await kubectl(["attach", "-i", "web"], "all of it\n");
      expect(answer.stdout).toContain("all of it\nover\n");
      expect((await node.untilExited(attached)).exit_code).toBe(0);
      attached = pod.container;
    });

    test("attach ends well, however the container does", async () => {
      attached = await node.startContainer(pod, `fails-${++onces}`, "cat; exit 7", { stdin: "once" });
      const answer = await kubectl(["attach", "-i", "web"], "said once\n");
      expect(answer).toMatchObject({ code: 0, stdout: "said once\n" });
      expect((await node.untilExited(attached)).exit_code).toBe(7);
      attached = pod.container;
    });

    test("port-forward reaches a server that listens on the pod's loopback only", async () => {
      const [port] = await freePorts(1);
      const child = spawn(
        "kubectl",
        ["--server", facade.url, "--cache-dir", join(folder, "cache"), "port-forward", "web", `${port}:8080`],
        { env },
      );
      let output = "";
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (part: Buffer) => (output += String(part)));
      try {
        await eventually(
          () => output,
          (text) => text.includes("Forwarding from"),
        );
        const answers = await Promise.all(
          [1, 2, 3].map(async () => (await fetch(`http://127.0.0.1:${port}/`)).text()),
        );
        expect(answers).toEqual(Array.from({ length: 3 }, () => "hello from a pod on Berth\n"));
      } finally {
        child.kill("SIGKILL");
        await new Promise((resolve) => child.once("close", resolve));
      }
    });
  });

  test("an address works once", async () => {
    const { url } = await node.cri.runtime.exec({ container_id: pod.container, cmd: ["true"], stdout: true });
    expect(await upgradeStatus(url)).toContain(" 101 ");
    expect(await upgradeStatus(url)).toContain(" 404 ");
  });
});

/** First line of the answer to a WebSocket upgrade. */
function upgradeStatus(url: string): Promise<string> {
  const [, path, target] = /^unix:\/\/([^:]+):(\/.*)$/.exec(url)!;
  const head = ["Host: x", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"];
  const socket = connect(path!);
  socket.write(
    [`GET ${target} HTTP/1.1`, ...head, `Sec-WebSocket-Key: ${"A".repeat(22)}==`, "", ""].join("\r\n"),
  );
  return new Promise((resolve) =>
    socket.once("data", (answer: Buffer) => {
      socket.destroy();
      resolve(String(answer).split("\r\n", 1)[0]!);
    }),
  );
}
