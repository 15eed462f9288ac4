import { join } from "node:path";
import { createToken, systemClock } from "@berth/base";
import { definePlugin, implement, services } from "@berth/sdk";
import type { HostpathBackend } from "./backend/hostpath-backend.ts";
import { RealBackend } from "./backend/real.ts";
import type { HostpathConfig } from "./config.ts";
import { ControllerVerbs } from "./verbs/controller-verbs.ts";
import { IdentityVerbs } from "./verbs/identity-verbs.ts";
import { NodeTopology } from "./verbs/messages.ts";
import { NodeVerbs } from "./verbs/node-verbs.ts";
import { RecordStore } from "./volumes/record-store.ts";
import { HostpathLife } from "./volumes/recovery.ts";
import { SnapshotService } from "./volumes/snapshot-service.ts";
import { VolumeService } from "./volumes/volume-service.ts";

const Backend = createToken<HostpathBackend>("csi-hostpath.backend");
const Records = createToken<RecordStore>("csi-hostpath.records");
const Volumes = createToken<VolumeService>("csi-hostpath.volumes");
const Snapshots = createToken<SnapshotService>("csi-hostpath.snapshots");
const Topology = createToken<NodeTopology>("csi-hostpath.topology");
const Life = createToken<HostpathLife>("csi-hostpath.life");
const Identity = createToken<IdentityVerbs>("csi-hostpath.identity");
const Controller = createToken<ControllerVerbs>("csi-hostpath.controller");
const Node = createToken<NodeVerbs>("csi-hostpath.node");

/** The driver on the backend given; the real machine unless a test says otherwise. */
export function hostpathPlugin(
  makeBackend: (root: string) => HostpathBackend = (root) => new RealBackend(root),
) {
  return definePlugin<HostpathConfig>({
    folder: import.meta.dirname,
    services: [
      implement(services.csiIdentity, IdentityVerbs, (parts) => parts.get(Identity)),
      implement(services.csiController, ControllerVerbs, (parts) => parts.get(Controller)),
      implement(services.csiNode, NodeVerbs, (parts) => parts.get(Node)),
    ],
    async configure(parts, config, { stateDirectory, manifest, nodeName, log }) {
      parts.bind(Backend, () => makeBackend(config.directory || join(stateDirectory, "data")));
      parts.bind(Records, (all) => new RecordStore(all.get(Backend)));
      parts.bind(Volumes, (all) => new VolumeService(config, all.get(Records), all.get(Backend)));
      parts.bind(Snapshots, (all) => new SnapshotService(all.get(Records), all.get(Backend), systemClock));
      parts.bind(Topology, () => new NodeTopology(config.driverName, nodeName));
      parts.bind(Life, (all) => new HostpathLife(config.driverName, all.get(Records), all.get(Backend), log));
      parts.bind(
        Identity,
        (all) => new IdentityVerbs(config.driverName, manifest.version, () => all.get(Life).probe()),
      );
      parts.bind(
        Controller,
        (all) =>
          new ControllerVerbs(
            all.get(Volumes),
            all.get(Snapshots),
            all.get(Records),
            all.get(Backend),
            all.get(Topology),
          ),
      );
      parts.bind(
        Node,
        (all) =>
          new NodeVerbs(
            all.get(Records),
            all.get(Volumes),
            all.get(Backend),
            all.get(Topology),
            config.maxVolumesPerNode,
          ),
      );
      // Listing is served before this process may write.
      await parts.get(Records).load();
    },
    life: (parts) => parts.get(Life),
  });
}

export const plugin = hostpathPlugin();
