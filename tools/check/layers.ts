/**
 * Who may import whom. A room is the longest matching folder; a rule lists what its files may import besides
 * themselves. `types:` in front allows `import type` only. `npm` rules say where a package may appear.
 */
export interface RoomRule {
  readonly room: string;
  readonly may: readonly string[];
}

const libraries = ["lib/*", "proto"];

export const rooms: readonly RoomRule[] = [
  { room: "proto", may: [] },
  { room: "lib/base", may: [] },
  { room: "lib/linux", may: ["lib/base"] },
  { room: "lib/streaming", may: ["lib/base"] },
  { room: "lib/oci", may: ["lib/base"] },
  { room: "lib/sqlite", may: ["lib/base"] },
  { room: "lib/verbs", may: ["lib/base", "proto"] },
  { room: "lib/cni", may: ["lib/base", "lib/verbs", "proto"] },
  { room: "lib/containerd", may: ["lib/base", "lib/verbs", "proto"] },
  { room: "lib/etcd", may: ["lib/base", "proto"] },
  { room: "lib/cri", may: ["lib/*", "proto", "sdk"] },
  { room: "sdk", may: ["proto", "lib/base", "lib/verbs", "lib/linux"] },
  { room: "conformance", may: ["proto", "sdk", "lib/base", "lib/verbs"] },
  { room: "plugins/*", may: ["sdk", ...libraries] },
  { room: "core/api", may: ["lib/base"] },
  { room: "core/store", may: ["lib/base", "lib/sqlite", "lib/etcd", "core/api"] },
  { room: "core/client", may: ["lib/base", "core/api"] },
  { room: "core/http", may: ["lib/base", "lib/streaming"] },
  { room: "core/checkpoint", may: ["lib/base", "lib/sqlite"] },
  { room: "core/pluginhost", may: [...libraries, "core/checkpoint"] },
  {
    room: "core/nodeagent",
    may: ["lib/base", "core/api", "core/client", "core/pluginhost/contracts"],
  },
  ...["core/kubelet", "core/volumes", "core/network"].map((room) => ({
    room,
    may: [
      "lib/*",
      "core/api",
      "core/client",
      "core/http",
      "core/checkpoint",
      "core/pluginhost/contracts",
      "types:proto",
    ],
  })),
  ...["core/scheduler", "core/controllers"].map((room) => ({
    room,
    may: ["lib/base", "core/api", "core/client"],
  })),
  { room: "core/apiserver", may: ["lib/*", "core/api", "core/store", "core/http"] },
  { room: "core/cli", may: ["lib/base", "core/api", "core/client"] },
  { room: "core/main", may: ["core/*", "package.json", ...libraries] },
  { room: "tools/scaffold/templates", may: ["sdk"] },
  { room: "tools", may: ["proto", "lib/*"] },
  { room: "examples/plugins", may: ["sdk"] },
  { room: "test", may: ["*"] },
];

/** Packages from outside that may stand only in files matching the pattern. */
export const packageRules: readonly { name: RegExp; allowed: RegExp; why: string }[] = [
  {
    name: /^inversify$/,
    allowed: /^core\/main\/|^core\/[a-z]+\/[a-z-]+-module\.ts$|^test\//,
    why: "only modules and core/main know the container",
  },
  { name: /^tsyringe$/, allowed: /^sdk\/|^test\//, why: "the SDK alone makes plugin containers" },
  {
    name: /^@grpc\//,
    allowed:
      /^(core\/pluginhost|core\/main|lib\/(verbs|containerd|etcd)|proto|sdk|conformance|plugins|test|tools)\//,
    why: "gRPC stays between the plugin host and the plugins",
  },
  {
    name: /^node:/,
    allowed: /^(?!lib\/base\/(?!.*\.test\.ts$)|core\/api\/(?!.*\.test\.ts$))/,
    why: "this room is pure",
  },
  {
    name: /^@kubernetes\/client-node$/,
    allowed: /^tools\/|^test\//,
    why: "442 ms of import, needed at build time only",
  },
  {
    name: /^vitest$/,
    allowed:
      /\.test\.ts$|^test\/|^vitest\.config\.ts$|^sdk\/testing\/|^conformance\/|\/behaviour\/|-behaviour\.ts$/,
    why: "test code only",
  },
];
