/** Why a container did not start, in the words that `kubectl get pods` shows. */
export class StartFailure extends Error {
  /** "CreateContainerConfigError", "CreateContainerError", "RunContainerError", "PostStartHookError", or an image's. */
  readonly reason: string;
  /** When to try again; milliseconds since the epoch. Undefined: as its restart policy says. */
  readonly retryAt: number | undefined;

  constructor(reason: string, message: string, retryAt: number | undefined, cause?: unknown) {
    super(message, { cause });
    this.name = "StartFailure";
    this.reason = reason;
    this.retryAt = retryAt;
  }
}
