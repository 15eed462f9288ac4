import { definePlugin, implement, runHelper, serve, services } from "@berth/sdk";

/** A network whose ADD runs helpers that would sleep for `container_id` seconds: one, and a child of it. */
class Sleeper {
  async add(
    { attachment }: { attachment?: { container_id: string } | null },
    { signal }: { signal: AbortSignal },
  ) {
    const script = 'sleep "$1" & exec sleep "$1"';
    await runHelper("sh", ["-c", script, "sh", attachment?.container_id ?? ""], { signal });
    return { result: undefined };
  }

  del() {
    return {};
  }

  check() {
    return {};
  }

  gc() {
    return {};
  }

  status() {
    return {};
  }

  version() {
    return { cni_version: "1.1.0", supported_versions: ["1.1.0"] };
  }
}

await serve(
  definePlugin({
    folder: import.meta.dirname,
    services: [implement(services.network, Sleeper, () => new Sleeper())],
    configure() {},
    life: () => ({ synchronize: () => Promise.resolve({ held: [], released: [] }) }),
  }),
);
