import { chmodSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { Disposable, Logger } from "@berth/base";
import type { RegisterRequest__Output } from "@berth/proto/generated/deviceplugin/v1beta1/RegisterRequest.ts";
import { services } from "@berth/verbs";
import { HostError, serveUnary } from "../broker/serve-unary.ts";
import { checkSocketPath } from "../launch/instance-paths.ts";
import { attachedPlugin, type Registered } from "./registered.ts";

/** The socket that upstream device plugins dial. They register again whenever it is made anew. */
export class DeviceRegistration implements Disposable {
  readonly label: string;
  readonly #folder: string;
  readonly #server: Server;

  private constructor(folder: string, server: Server) {
    this.label = `device registration in ${folder}`;
    this.#folder = folder;
    this.#server = server;
  }

  static async listen(
    folder: string,
    parts: { logger: Logger; attach: (registered: Registered) => void },
  ): Promise<DeviceRegistration> {
    const path = join(folder, "kubelet.sock");
    checkSocketPath(path);
    await mkdir(folder, { recursive: true, mode: 0o750 });
    await rm(path, { force: true });
    const server = new Server();
    const register = (request: RegisterRequest__Output): object => {
      parts.attach(toRegistered(request, folder));
      return {};
    };
    serveUnary(server, services.deviceRegistration, { register }, parts.logger);
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(`unix://${path}`, ServerCredentials.createInsecure(), (error) =>
        error ? reject(error) : resolve(),
      );
    });
    chmodSync(path, 0o600);
    return new DeviceRegistration(folder, server);
  }

  async dispose(): Promise<void> {
    this.#server.forceShutdown();
    await rm(join(this.#folder, "kubelet.sock"), { force: true });
  }
}

const version = "v1beta1";

function toRegistered(request: RegisterRequest__Output, folder: string): Registered {
  const { endpoint, resource_name: resource } = request;
  if (request.version !== version) {
    throw new HostError("INVALID_ARGUMENT", `version is ${request.version}, but this node speaks ${version}`);
  }
  if (!/^[a-z0-9.-]+\/[A-Za-z0-9._-]+$/.test(resource)) {
    throw new HostError("INVALID_ARGUMENT", `resource_name ${resource} is not of the form domain/name`);
  }
  if (endpoint === "" || endpoint.includes("/") || endpoint === "kubelet.sock") {
    throw new HostError("INVALID_ARGUMENT", `endpoint ${endpoint} is not the name of a socket in ${folder}`);
  }
  const desired = attachedPlugin(resource, "device", join(folder, endpoint));
  // Its contract has no way to be told what came of it: it sees whether it is listed from.
  return { desired, facts: { resource }, notify: () => {} };
}
