import { type Clock, errorMessage } from "@berth/base";
import type { PodSandboxConfig } from "@berth/proto/generated/cri/runtime/v1/PodSandboxConfig.ts";
import type { Pod, Secret } from "../../api/index.ts";
import type { ContainerDevices, RuntimeHandler } from "../../pluginhost/contracts/index.ts";
import type { Mount } from "@berth/proto/generated/cri/runtime/v1/Mount.ts";
import { containerConfig } from "../config/container-config.ts";
import { verifyNonRoot } from "../config/security-context.ts";
import type { PodEvents } from "../events/pod-events.ts";
import { ImageError, type ImagePuller } from "../images/image-puller.ts";
import type { StartDecision } from "../pods/decisions.ts";
import type { ContainerHooks } from "./container-hooks.ts";
import { StartFailure } from "./start-failure.ts";

/** What a container is made of beyond its specification. Each rejects with a sentence for a person. */
export interface ContainerSources {
  environment(pod: Pod, decision: StartDecision, podIps: readonly string[]): Promise<Map<string, string>>;
  devices(pod: Pod, container: string): Promise<readonly ContainerDevices[]>;
  /** Volumes, /etc/hosts and the file for the termination message. */
  mounts(
    pod: Pod,
    decision: StartDecision,
    environment: ReadonlyMap<string, string>,
    podIps: readonly string[],
  ): Promise<{ mounts: Mount[]; groups: number[]; terminationMessageFile: string }>;
  pullSecrets(pod: Pod): Promise<readonly Secret[]>;
}

export interface StartRequest {
  readonly pod: Pod;
  readonly decision: StartDecision;
  readonly handler: RuntimeHandler;
  readonly sandboxId: string;
  readonly sandbox: PodSandboxConfig;
  readonly podIps: readonly string[];
  /** Id of the container whose processes an ephemeral container sees. */
  readonly target: string | undefined;
  readonly signal: AbortSignal;
}

export interface StarterSettings {
  readonly memoryBytes: number;
  readonly seccompRoot: string;
}

/** Shortest wait before a container that could not be created is tried again. */
const retryMs = 10_000;

/** Brings one container from nothing to running, its postStart hook included. */
export class ContainerStarter {
  readonly #clock: Clock;
  readonly #events: PodEvents;
  readonly #images: ImagePuller;
  readonly #hooks: ContainerHooks;
  readonly #sources: ContainerSources;
  readonly #settings: StarterSettings;

  constructor(parts: {
    clock: Clock;
    events: PodEvents;
    images: ImagePuller;
    hooks: ContainerHooks;
    sources: ContainerSources;
    settings: StarterSettings;
  }) {
    this.#clock = parts.clock;
    this.#events = parts.events;
    this.#images = parts.images;
    this.#hooks = parts.hooks;
    this.#sources = parts.sources;
    this.#settings = parts.settings;
  }

  /** The new container's id. Rejects with StartFailure, or with the signal's reason. */
  async start(request: StartRequest): Promise<string> {
    const { handler, signal } = request;
    const config = await this.#configure(request);
    signal.throwIfAborted();
    const { name } = request.decision.container.spec;
    const id = await this.#create(request, config);
    this.#tell(request, "Normal", "Created", `Created container: ${name}`);
    try {
      await handler.cri.startContainer({ container_id: id });
    } catch (error) {
      throw this.#failure(request, "RunContainerError", error, this.#clock.now() + retryMs);
    }
    this.#tell(request, "Normal", "Started", `Started container ${name}`);
    await this.#runPostStart(request, id);
    return id;
  }

  async #configure(request: StartRequest): Promise<ReturnType<typeof containerConfig>> {
    const { pod, decision, podIps } = request;
    const { spec } = decision.container;
    const image = this.#images.prepare({
      pod,
      container: spec,
      handler: request.handler,
      sandbox: request.sandbox,
      pullSecrets: () => this.#sources.pullSecrets(pod),
      signal: request.signal,
    });
    const others = (async () => {
      const [environment, devices] = await Promise.all([
        this.#sources.environment(pod, decision, podIps),
        this.#sources.devices(pod, spec.name),
      ]);
      return { environment, devices, ...(await this.#sources.mounts(pod, decision, environment, podIps)) };
    })();
    // It is awaited below; should the image fail first, that failure is the one to tell.
    others.catch(() => {});
    try {
      const prepared = await image;
      const imageUser = { uid: prepared.uid, name: prepared.username };
      verifyNonRoot(pod, spec, imageUser);
      return containerConfig({
        pod,
        container: decision.container,
        attempt: decision.attempt,
        imageRef: prepared.ref,
        imageUser,
        node: this.#settings,
        seccompRoot: this.#settings.seccompRoot,
        target: request.target,
        ...(await others),
      });
    } catch (error) {
      if (request.signal.aborted) throw error;
      if (error instanceof ImageError)
        throw new StartFailure(error.reason, error.message, error.retryAt, error);
      throw this.#failure(request, "CreateContainerConfigError", error, this.#clock.now() + retryMs);
    }
  }

  async #create(request: StartRequest, config: ReturnType<typeof containerConfig>): Promise<string> {
    const { cri } = request.handler;
    try {
      if (request.decision.replaces) await cri.removeContainer({ container_id: request.decision.replaces });
      const answer = await cri.createContainer({
        pod_sandbox_id: request.sandboxId,
        config,
        sandbox_config: request.sandbox,
      });
      return answer.container_id;
    } catch (error) {
      throw this.#failure(request, "CreateContainerError", error, this.#clock.now() + retryMs);
    }
  }

  async #runPostStart(request: StartRequest, id: string): Promise<void> {
    const { spec } = request.decision.container;
    const hook = spec.lifecycle?.postStart;
    if (!hook) return;
    const target = {
      cri: request.handler.cri,
      containerId: id,
      container: spec,
      podIp: request.podIps[0] ?? "127.0.0.1",
    };
    try {
      await this.#hooks.run(hook, target, request.signal);
    } catch (error) {
      if (request.signal.aborted) throw error;
      this.#tell(request, "Warning", "FailedPostStartHook", `PostStartHook failed: ${errorMessage(error)}`);
      throw new StartFailure("PostStartHookError", errorMessage(error), undefined, error);
    }
  }

  #failure(request: StartRequest, reason: string, error: unknown, retryAt: number | undefined): StartFailure {
    const message = errorMessage(error);
    this.#tell(request, "Warning", "Failed", `Error: ${message}`);
    return new StartFailure(reason, message, retryAt, error);
  }

  #tell(request: StartRequest, type: "Normal" | "Warning", reason: string, message: string): void {
    this.#events.record(request.pod, {
      type,
      reason,
      message,
      container: request.decision.container.spec.name,
    });
  }
}
