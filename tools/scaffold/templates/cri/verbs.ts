/** runtime.v1.RuntimeService. Add the sandbox verbs next, then the container verbs and an ImageService. */
export class RuntimeVerbs {
  readonly #version: string;

  constructor(version: string) {
    this.#version = version;
  }

  version() {
    return {
      version: "0.1.0",
      runtime_name: "__ID__",
      runtime_version: this.#version,
      runtime_api_version: "v1",
    };
  }

  /** A node asks for what is there before it takes a runtime into service. */
  listPodSandbox() {
    return { items: [] };
  }

  listContainers() {
    return { containers: [] };
  }

  status() {
    const waiting = { status: false, reason: "NotImplemented", message: "__ID__ has no sandbox verbs yet" };
    return {
      status: {
        conditions: [
          { type: "RuntimeReady", ...waiting },
          { type: "NetworkReady", ...waiting },
        ],
      },
    };
  }
}
