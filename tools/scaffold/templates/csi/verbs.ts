/** csi.v1.Identity. */
export class IdentityVerbs {
  readonly #name: string;
  readonly #version: string;

  constructor(name: string, version: string) {
    this.#name = name;
    this.#version = version;
  }

  getPluginInfo() {
    return { name: this.#name, vendor_version: this.#version };
  }

  getPluginCapabilities() {
    return { capabilities: [] };
  }

  probe() {
    return { ready: { value: true } };
  }
}

/** csi.v1.Node. Add nodePublishVolume and nodeUnpublishVolume next. */
export class NodeVerbs {
  readonly #nodeName: string;

  constructor(nodeName: string) {
    this.#nodeName = nodeName;
  }

  nodeGetInfo() {
    return { node_id: this.#nodeName };
  }

  nodeGetCapabilities() {
    return { capabilities: [] };
  }
}
