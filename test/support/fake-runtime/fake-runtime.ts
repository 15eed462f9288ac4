import { type Clock, Emitter } from "@berth/base";
import type { ContainerConfig } from "@berth/proto/generated/cri/runtime/v1/ContainerConfig.ts";
import type { PodSandboxConfig } from "@berth/proto/generated/cri/runtime/v1/PodSandboxConfig.ts";
import {
  type RuntimeHandler,
  type RuntimeService,
  VerbError,
} from "../../../core/pluginhost/contracts/index.ts";

export interface FakeContainer {
  readonly id: string;
  readonly sandboxId: string;
  readonly config: ContainerConfig;
  state: "CONTAINER_CREATED" | "CONTAINER_RUNNING" | "CONTAINER_EXITED";
  createdAt: number;
  startedAt: number;
  finishedAt: number;
  exitCode: number;
  reason: string;
}

export interface FakeSandbox {
  readonly id: string;
  readonly config: PodSandboxConfig;
  readonly createdAt: number;
  ready: boolean;
  ip: string;
}

/**
 * A runtime in memory behind the same interface as a real one. It keeps CRI's promises: names are unique, a stopped
 * sandbox has no running container, what is gone answers NOT_FOUND. `calls` lists what was asked to change something.
 */
export class FakeRuntime implements RuntimeHandler {
  readonly name: string;
  readonly criHandler: string;
  readonly owner = "fake";
  readonly plugin = "fake@1.0.0";
  readonly archive = undefined;
  ready = true;
  held = false;
  unready = "";
  readonly sandboxes = new Map<string, FakeSandbox>();
  readonly containers = new Map<string, FakeContainer>();
  readonly images = new Map<string, { uid?: number; username?: string }>();
  readonly calls: string[] = [];
  /** Set to make a verb fail: by verb name. */
  readonly failures = new Map<string, VerbError>();
  /** Commands' answers by first word; success when absent. */
  readonly execAnswers = new Map<string, { exitCode: number; output: string }>();
  /** Set to hold StopContainer until the container is ended by {@link exit} or the grace is over. */
  ignoresTerm = false;
  readonly changed = new Emitter<string>();
  readonly #clock: Clock;
  #sequence = 0;

  constructor(clock: Clock, options: { name?: string; images?: string[] } = {}) {
    this.#clock = clock;
    this.name = options.name ?? "runc";
    this.criHandler = this.name;
    for (const image of options.images ?? []) this.images.set(image, {});
  }

  /** The container of this name that was made last. */
  find(name: string): FakeContainer | undefined {
    return [...this.containers.values()].findLast((container) => container.config.metadata?.name === name);
  }

  /** Lets a running container end by itself. */
  exit(name: string, exitCode: number, reason = ""): void {
    const container = this.find(name);
    if (container?.state !== "CONTAINER_RUNNING") throw new Error(`no running container ${name}`);
    this.#end(container, exitCode, reason);
  }

  #end(container: FakeContainer, exitCode: number, reason = ""): void {
    container.state = "CONTAINER_EXITED";
    container.exitCode = exitCode;
    container.reason = reason;
    container.finishedAt = this.#clock.now();
    this.changed.fire(this.sandboxes.get(container.sandboxId)?.config.metadata?.uid ?? "");
  }

  #check(verb: string, subject: string): void {
    this.calls.push(`${verb} ${subject}`);
    const failure = this.failures.get(verb);
    if (failure) throw failure;
    if (!this.ready)
      throw new VerbError(`fake: ${verb}`, "UNAVAILABLE", "the runtime is down", { retryable: true });
  }

  #container(id: string | undefined): FakeContainer {
    const container = this.containers.get(id ?? "");
    if (container) return container;
    throw new VerbError("fake", "NOT_FOUND", `no container ${id}`, { retryable: false });
  }

  #status(container: FakeContainer): object {
    return {
      id: container.id,
      metadata: {
        name: container.config.metadata?.name ?? "",
        attempt: container.config.metadata?.attempt ?? 0,
      },
      state: container.state,
      created_at: nanos(container.createdAt),
      started_at: nanos(container.startedAt),
      finished_at: nanos(container.finishedAt),
      exit_code: container.exitCode,
      image: { image: container.config.image?.user_specified_image ?? "" },
      image_ref: container.config.image?.image ?? "",
      image_id: container.config.image?.image ?? "",
      reason: container.reason,
      message: "",
      labels: container.config.labels ?? {},
      annotations: container.config.annotations ?? {},
      mounts: [],
      log_path: container.config.log_path ?? "",
    };
  }

  #sandboxStatus(sandbox: FakeSandbox): object {
    return {
      id: sandbox.id,
      metadata: sandbox.config.metadata,
      state: sandbox.ready ? "SANDBOX_READY" : "SANDBOX_NOTREADY",
      created_at: nanos(sandbox.createdAt),
      network: { ip: sandbox.ready ? sandbox.ip : "", additional_ips: [] },
      labels: sandbox.config.labels ?? {},
      annotations: sandbox.config.annotations ?? {},
      runtime_handler: this.criHandler,
    };
  }

  // Only the verbs that the kubelet uses are here; asking for another fails the test by itself.
  readonly cri = {
    version: async () => ({
      version: "0.1.0",
      runtime_name: "fake",
      runtime_version: "1.0.0",
      runtime_api_version: "v1",
    }),
    status: async () => ({
      status: {
        conditions: [
          { type: "RuntimeReady", status: this.ready, reason: "", message: "" },
          { type: "NetworkReady", status: true, reason: "", message: "" },
        ],
      },
      info: {},
      runtime_handlers: [{ name: this.criHandler, features: null }],
      features: null,
    }),
    runPodSandbox: async ({ config }: { config: PodSandboxConfig }) => {
      this.#check("runPodSandbox", `${config.metadata?.name}#${config.metadata?.attempt ?? 0}`);
      const number = ++this.#sequence;
      const sandbox: FakeSandbox = {
        id: `sandbox-${number}`,
        config,
        createdAt: this.#clock.now(),
        ready: true,
        ip:
          config.linux?.security_context?.namespace_options?.network === "NODE"
            ? ""
            : `10.88.0.${number + 1}`,
      };
      this.sandboxes.set(sandbox.id, sandbox);
      return { pod_sandbox_id: sandbox.id };
    },
    stopPodSandbox: async ({ pod_sandbox_id: id }: { pod_sandbox_id: string }) => {
      this.#check("stopPodSandbox", id);
      const sandbox = this.sandboxes.get(id);
      if (sandbox) sandbox.ready = false;
      for (const container of this.containers.values()) {
        if (container.sandboxId === id && container.state === "CONTAINER_RUNNING") this.#end(container, 137);
      }
      return {};
    },
    removePodSandbox: async ({ pod_sandbox_id: id }: { pod_sandbox_id: string }) => {
      this.#check("removePodSandbox", id);
      this.sandboxes.delete(id);
      return {};
    },
    podSandboxStatus: async ({ pod_sandbox_id: id }: { pod_sandbox_id: string }) => {
      const sandbox = this.sandboxes.get(id);
      if (!sandbox) throw new VerbError("fake", "NOT_FOUND", `no sandbox ${id}`, { retryable: false });
      return { status: this.#sandboxStatus(sandbox) };
    },
    listPodSandbox: async ({ filter }: { filter?: { label_selector?: Record<string, string> } }) => {
      if (!this.ready) this.#check("listPodSandbox", "");
      const items = [...this.sandboxes.values()].filter((one) =>
        matches(one.config.labels, filter?.label_selector),
      );
      return { items: items.map((one) => this.#sandboxStatus(one)) };
    },
    createContainer: async (request: { pod_sandbox_id: string; config: ContainerConfig }) => {
      const { name, attempt = 0 } = request.config.metadata ?? {};
      this.#check("createContainer", `${name}#${attempt}`);
      if (!this.images.has(request.config.image?.image ?? "")) {
        throw new VerbError("fake", "NOT_FOUND", `no image ${request.config.image?.image}`, {
          retryable: false,
        });
      }
      const container: FakeContainer = {
        id: `container-${++this.#sequence}`,
        sandboxId: request.pod_sandbox_id,
        config: request.config,
        state: "CONTAINER_CREATED",
        createdAt: this.#clock.now(),
        startedAt: 0,
        finishedAt: 0,
        exitCode: 0,
        reason: "",
      };
      this.containers.set(container.id, container);
      return { container_id: container.id };
    },
    startContainer: async ({ container_id: id }: { container_id: string }) => {
      const container = this.#container(id);
      this.#check(
        "startContainer",
        `${container.config.metadata?.name}#${container.config.metadata?.attempt ?? 0}`,
      );
      container.state = "CONTAINER_RUNNING";
      container.startedAt = this.#clock.now();
      return {};
    },
    stopContainer: async (
      { container_id: id, timeout = 0 }: { container_id: string; timeout?: number },
      options: { signal?: AbortSignal } = {},
    ) => {
      const container = this.#container(id);
      this.#check("stopContainer", `${container.config.metadata?.name} ${timeout}s`);
      if (container.state !== "CONTAINER_RUNNING") return {};
      if (this.ignoresTerm && timeout > 0) await this.#clock.sleep(timeout * 1000, options.signal);
      if (container.state === "CONTAINER_RUNNING") this.#end(container, this.ignoresTerm ? 137 : 143);
      return {};
    },
    removeContainer: async ({ container_id: id }: { container_id: string }) => {
      this.#check("removeContainer", id);
      this.containers.delete(id);
      return {};
    },
    listContainers: async ({ filter }: { filter?: { label_selector?: Record<string, string> } }) => {
      const found = [...this.containers.values()].filter((one) =>
        matches(one.config.labels, filter?.label_selector),
      );
      return { containers: found.map((one) => ({ ...this.#status(one), pod_sandbox_id: one.sandboxId })) };
    },
    containerStatus: async ({ container_id: id }: { container_id: string }) => ({
      status: this.#status(this.#container(id)),
      info: {},
    }),
    execSync: async ({ container_id: id, cmd }: { container_id: string; cmd: string[] }) => {
      this.#check("execSync", `${this.#container(id).config.metadata?.name} ${cmd.join(" ")}`);
      const answer = this.execAnswers.get(cmd[0] ?? "") ?? { exitCode: 0, output: "" };
      return { stdout: Buffer.from(answer.output), stderr: Buffer.alloc(0), exit_code: answer.exitCode };
    },
    imageStatus: async ({ image }: { image: { image: string } }) => {
      const found = this.images.get(image.image);
      if (!found) return { image: null, info: {} };
      const uid = found.uid === undefined ? null : { value: String(found.uid) };
      return {
        image: { id: image.image, repo_tags: [image.image], uid, username: found.username ?? "" },
        info: {},
      };
    },
    pullImage: async ({ image }: { image: { image: string } }) => {
      this.#check("pullImage", image.image);
      this.images.set(image.image, {});
      return { image_ref: image.image };
    },
  } as unknown as RuntimeService;
}

function matches(
  labels: Record<string, string> | undefined,
  selector: Record<string, string> | undefined,
): boolean {
  return Object.entries(selector ?? {}).every(([key, value]) => labels?.[key] === value);
}

const nanos = (ms: number): string => `${BigInt(ms) * 1_000_000n}`;
