/**
 * Every contract that Berth speaks: the key by which code asks for it, and the .proto files that define it.
 * Paths are relative to this folder, which is the only include directory.
 */
export const contracts = {
  cri: ["cri/runtime/v1/api.proto"],
  csi: ["csi/v1/csi.proto"],
  deviceplugin: ["deviceplugin/v1beta1/api.proto"],
  pluginregistration: ["pluginregistration/v1/api.proto"],
  podresources: ["podresources/v1/api.proto"],
  containerd: [
    "containerd/events.proto",
    "containerd/runc/v1.proto",
    "containerd/services/containers/v1.proto",
    "containerd/services/content/v1.proto",
    "containerd/services/diff/v1.proto",
    "containerd/services/events/v1.proto",
    "containerd/services/images/v1.proto",
    "containerd/services/introspection/v1.proto",
    "containerd/services/leases/v1.proto",
    "containerd/services/namespaces/v1.proto",
    "containerd/services/snapshots/v1.proto",
    "containerd/services/tasks/v1.proto",
    "containerd/services/version/v1.proto",
  ],
  etcd: ["etcd/rpc.proto"],
  plugin: ["berth/plugin/v1/plugin.proto"],
  host: ["berth/host/v1/host.proto"],
  cni: ["berth/cni/v1/network.proto"],
  archive: ["berth/cri/v1/archive.proto"],
} as const satisfies Record<string, readonly string[]>;

export type ContractName = keyof typeof contracts;
