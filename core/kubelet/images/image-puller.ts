import { type Backoff, type Clock, errorMessage, exponentialBackoff } from "@berth/base";
import type { Image__Output } from "@berth/proto/generated/cri/runtime/v1/Image.ts";
import type { PodSandboxConfig } from "@berth/proto/generated/cri/runtime/v1/PodSandboxConfig.ts";
import type { Container, Pod, Secret } from "../../api/index.ts";
import { type RuntimeHandler, VerbError } from "../../pluginhost/contracts/index.ts";
import type { PodEvents } from "../events/pod-events.ts";
import { duration } from "../pods/decisions.ts";
import { imageCredentials } from "./image-auth.ts";
import { pullPolicy } from "./pull-policy.ts";

/** An image as a container needs it. */
export interface PreparedImage {
  readonly ref: string;
  /** The user that the image names: a number, or a name, or nothing. */
  readonly uid: number | undefined;
  readonly username: string;
}

/** Why an image is not there, in the words that `kubectl get pods` shows. */
export class ImageError extends Error {
  readonly reason:
    | "ErrImagePull"
    | "ImagePullBackOff"
    | "ErrImageNeverPull"
    | "ImageInspectError"
    | "InvalidImageName";
  /** When it is worth to ask again; milliseconds since the epoch. */
  readonly retryAt: number;

  constructor(reason: ImageError["reason"], message: string, retryAt: number, cause?: unknown) {
    super(message, { cause });
    this.name = "ImageError";
    this.reason = reason;
    this.retryAt = retryAt;
  }
}

export interface ImageRequest {
  readonly pod: Pod;
  readonly container: Container;
  readonly handler: RuntimeHandler;
  readonly sandbox: PodSandboxConfig;
  readonly pullSecrets: () => Promise<readonly Secret[]>;
  readonly signal: AbortSignal;
}

const pullBackoff = { baseMs: 10_000, capMs: 300_000, jitter: "none" as const };
/** An image may turn up by an offline import meanwhile; asking for it costs one local call. */
const presenceMs = 10_000;

/** Makes images present. Many containers that want the same one share one pull. */
export class ImagePuller {
  readonly #clock: Clock;
  readonly #events: PodEvents;
  readonly #pulls = new Map<string, Promise<string>>();
  readonly #failures = new Map<string, { backoff: Backoff; until: number; delay: number; message: string }>();

  constructor(parts: { clock: Clock; events: PodEvents }) {
    this.#clock = parts.clock;
    this.#events = parts.events;
  }

  /** Rejects with ImageError. */
  async prepare(request: ImageRequest): Promise<PreparedImage> {
    const { pod, container, handler, signal } = request;
    const image = container.image ?? "";
    const policy = pullPolicy(container);
    const present = await this.#inspect(request, image);
    if (present && policy !== "Always") {
      this.#events.record(pod, {
        type: "Normal",
        reason: "Pulled",
        message: `Container image "${image}" already present on machine`,
        container: container.name,
      });
      return present;
    }
    if (!present && policy === "Never") {
      const message = `Container image "${image}" is not present with pull policy of Never; import it or change imagePullPolicy`;
      this.#warn(request, "ErrImageNeverPull", message);
      throw new ImageError("ErrImageNeverPull", message, this.#clock.now() + presenceMs);
    }
    const key = `${handler.owner} ${image}`;
    this.#refuseWhileBackingOff(request, key, image);
    try {
      const begun = this.#clock.now();
      await abortable(this.#pull(request, key, image), signal);
      const pulled = await this.#inspect(request, image);
      if (!pulled) throw new Error(`the runtime reports a finished pull but does not list ${image}`);
      this.#failures.delete(key);
      this.#events.record(pod, {
        type: "Normal",
        reason: "Pulled",
        message: `Successfully pulled image "${image}" in ${this.#clock.now() - begun}ms`,
        container: container.name,
      });
      return pulled;
    } catch (error) {
      if (signal.aborted) throw error;
      // With no way to a registry, an image that is there is used although `Always` was asked for an update.
      if (present) return present;
      throw this.#failed(request, key, image, error);
    }
  }

  async #inspect(request: ImageRequest, image: string): Promise<PreparedImage | undefined> {
    const { handler, signal } = request;
    try {
      const answer = await handler.cri.imageStatus(
        { image: { image, runtime_handler: handler.criHandler } },
        { signal },
      );
      return answer.image ? toPrepared(answer.image) : undefined;
    } catch (error) {
      if (signal.aborted) throw error;
      if (error instanceof VerbError && error.code === "NOT_FOUND") return undefined;
      const invalid = error instanceof VerbError && error.code === "INVALID_ARGUMENT";
      const message = `Failed to inspect image "${image}": ${errorMessage(error)}`;
      throw new ImageError(
        invalid ? "InvalidImageName" : "ImageInspectError",
        message,
        this.#clock.now() + presenceMs,
        error,
      );
    }
  }

  /** One pull for all who wait for it; it goes on when one of them goes away. */
  #pull(request: ImageRequest, key: string, image: string): Promise<string> {
    const running = this.#pulls.get(key);
    if (running) return running;
    this.#events.record(request.pod, {
      type: "Normal",
      reason: "Pulling",
      message: `Pulling image "${image}"`,
      container: request.container.name,
    });
    const pull = this.#pullWithCredentials(request, image)
      .catch((error: unknown) => {
        // Counted once for all who waited for it.
        this.#backOff(key, error);
        throw error;
      })
      .finally(() => this.#pulls.delete(key));
    this.#pulls.set(key, pull);
    return pull;
  }

  async #pullWithCredentials(request: ImageRequest, image: string): Promise<string> {
    const spec = { image, runtime_handler: request.handler.criHandler, user_specified_image: image };
    const credentials = imageCredentials(image, await request.pullSecrets());
    let failure: unknown;
    for (const auth of [...credentials, undefined]) {
      try {
        const answer = await request.handler.cri.pullImage({
          image: spec,
          sandbox_config: request.sandbox,
          ...(auth ? { auth } : {}),
        });
        return answer.image_ref;
      } catch (error) {
        failure ??= error;
      }
    }
    throw failure;
  }

  #backOff(key: string, error: unknown): void {
    const failure = this.#failures.get(key) ?? {
      backoff: exponentialBackoff(pullBackoff),
      until: 0,
      delay: 0,
      message: "",
    };
    failure.delay = failure.backoff.next();
    failure.until = this.#clock.now() + failure.delay;
    failure.message = error instanceof VerbError ? error.detail : errorMessage(error);
    this.#failures.set(key, failure);
  }

  #refuseWhileBackingOff(request: ImageRequest, key: string, image: string): void {
    const failure = this.#failures.get(key);
    const now = this.#clock.now();
    if (!failure || failure.until <= now) return;
    this.#events.record(request.pod, {
      type: "Normal",
      reason: "BackOff",
      message: `Back-off pulling image "${image}"`,
      container: request.container.name,
    });
    const message = `Back-off ${duration(failure.delay)} pulling image "${image}": ${failure.message}`;
    throw new ImageError("ImagePullBackOff", message, Math.min(failure.until, now + presenceMs));
  }

  #failed(request: ImageRequest, key: string, image: string, error: unknown): ImageError {
    const message = this.#failures.get(key)?.message ?? errorMessage(error);
    this.#warn(request, "Failed", `Failed to pull image "${image}": ${message}`);
    // The reader sees the failure first and the back-off at the next look.
    return new ImageError("ErrImagePull", message, this.#clock.now() + 1);
  }

  #warn(request: ImageRequest, reason: string, message: string): void {
    this.#events.record(request.pod, { type: "Warning", reason, message, container: request.container.name });
  }
}

function toPrepared(image: Image__Output): PreparedImage {
  return {
    ref: image.id,
    uid: image.uid ? Number(image.uid.value) : undefined,
    username: image.username,
  };
}

/** The pull goes on for others who wait for it. */
function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) return onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
