import { stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { type Clock, type Disposable, errorMessage, type Logger, type Timer } from "@berth/base";
import { isErrno } from "@berth/linux/linux-error.ts";
import { Connection, services } from "@berth/verbs";

const lookEveryMs = 1000;

/** The version of the contract that Register names. */
const version = "v1beta1";

/**
 * Keeps a device plugin registered with an upstream kubelet: dials kubelet.sock, and again whenever that socket is made anew, which
 * is how a kubelet that restarted shows itself. The plugin's own socket must lie in the same folder.
 */
export class KubeletDeviceRegistration implements Disposable {
  readonly label = "registration with the kubelet";
  readonly #socket: string;
  readonly #resource: string;
  readonly #own: { readonly path: string; ensureSocket(): Promise<void> };
  readonly #clock: Clock;
  readonly #log: Logger;
  #registeredWith: string | undefined;
  #lastProblem: string | undefined;
  #timer: Timer | undefined;
  #over = false;

  constructor(options: {
    socket: string;
    resource: string;
    own: { readonly path: string; ensureSocket(): Promise<void> };
    clock: Clock;
    log: Logger;
  }) {
    this.#socket = options.socket;
    this.#resource = options.resource;
    this.#own = options.own;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  start(): void {
    if (dirname(this.#own.path) !== dirname(this.#socket)) {
      throw new Error(
        `the kubelet finds plugins beside ${this.#socket} only; serve with --endpoint in that folder`,
      );
    }
    void this.#look();
  }

  dispose(): void {
    this.#over = true;
    this.#timer?.cancel();
  }

  async #look(): Promise<void> {
    try {
      const found = await identity(this.#socket);
      await this.#own.ensureSocket();
      if (found !== undefined && found !== this.#registeredWith) {
        await this.#register();
        this.#registeredWith = found;
        this.#log.info("registered with the kubelet", { resource: this.#resource });
      }
      this.#lastProblem = undefined;
    } catch (error) {
      const problem = errorMessage(error);
      if (problem !== this.#lastProblem)
        this.#log.warn("not registered with the kubelet yet", { error: problem });
      this.#lastProblem = problem;
    }
    if (!this.#over)
      this.#timer = this.#clock.after(lookEveryMs, () => void this.#look(), { background: true });
  }

  async #register(): Promise<void> {
    const own = new Connection(this.#own.path);
    const kubelet = new Connection(this.#socket);
    try {
      const options = await own.client(services.device).getDevicePluginOptions({});
      await kubelet
        .client(services.deviceRegistration)
        .register({ version, endpoint: basename(this.#own.path), resource_name: this.#resource, options });
    } finally {
      own.dispose();
      kubelet.dispose();
    }
  }
}

/** Undefined when nothing is there. A new socket at the same path is another one. */
async function identity(path: string): Promise<string | undefined> {
  try {
    const { ino, ctimeMs } = await stat(path);
    return `${ino}/${ctimeMs}`;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}
