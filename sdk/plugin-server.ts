import { chmod, stat } from "node:fs/promises";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { Disposable } from "@berth/base";
import { isErrno } from "@berth/linux/linux-error.ts";
import { largestMessage } from "@berth/verbs";
import { prepareSocket } from "./endpoint-socket.ts";

/** A gRPC server on one Unix socket that only its own user may use. */
export class PluginServer implements Disposable {
  readonly label: string;
  readonly #endpoint: string;
  readonly #server = new Server({
    "grpc.max_receive_message_length": largestMessage,
    "grpc.max_send_message_length": largestMessage,
  });
  #path = "";

  constructor(endpoint: string, addServices: (server: Server) => void) {
    this.label = `server on ${endpoint}`;
    this.#endpoint = endpoint;
    addServices(this.#server);
  }

  /** Path of the socket once it listens. */
  get path(): string {
    return this.#path;
  }

  async listen(): Promise<void> {
    const path = await prepareSocket(this.#endpoint);
    await new Promise<void>((resolve, reject) => {
      this.#server.bindAsync(`unix://${path}`, ServerCredentials.createInsecure(), (error) =>
        error ? reject(new Error(`cannot serve on ${path}: ${error.message}`, { cause: error })) : resolve(),
      );
    });
    await chmod(path, 0o600);
    this.#path = path;
  }

  /** Serves anew where somebody removed the socket; an upstream kubelet empties its plugin folder when it starts. */
  async ensureSocket(): Promise<void> {
    try {
      await stat(this.#path);
    } catch (error) {
      if (!isErrno(error, "ENOENT")) throw error;
      this.#server.unbind(`unix://${this.#path}`);
      await this.listen();
    }
  }

  dispose(): void {
    this.#server.forceShutdown();
  }
}
