import { definePlugin, implement, serve, services } from "@berth/sdk";

/** A driver that claims to stage volumes and does not. */
await serve(
  definePlugin({
    folder: import.meta.dirname,
    services: [
      implement(services.csiIdentity, ["getPluginInfo", "getPluginCapabilities", "probe"], () => ({
        getPluginInfo: () => ({ name: "liar.example.com", vendor_version: "0.1.0" }),
        getPluginCapabilities: () => ({ capabilities: [] }),
        probe: () => ({ ready: { value: true } }),
      })),
      implement(services.csiNode, ["nodeGetInfo", "nodeGetCapabilities"], () => ({
        nodeGetInfo: () => ({ node_id: "one" }),
        nodeGetCapabilities: () => ({ capabilities: [{ rpc: { type: "STAGE_UNSTAGE_VOLUME" } }] }),
      })),
    ],
    configure() {},
  }),
);
