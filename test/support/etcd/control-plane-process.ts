/**
 * One of several cores without a node on one etcd: API server, and a scheduler and controllers that stand for election.
 * `node control-plane-process.ts '{"folder","port","servers","identity"}'`; says "ready" when it serves.
 */
import { writeSync } from "node:fs";
import { join } from "node:path";
import { silentLogger, systemClock } from "@berth/base";
import { createApiServer } from "../../../core/apiserver/api-server.ts";
import {
  createApiClient,
  createEventRecorder,
  inProcessTransport,
  leaseElections,
} from "../../../core/client/index.ts";
import { ControllerManager } from "../../../core/controllers/controller-manager.ts";
import { certificateSigner, openPki } from "../../../core/http/index.ts";
import { Scheduler } from "../../../core/scheduler/scheduler.ts";
import { openEtcdStore } from "../../../core/store/etcd/etcd-store.ts";

export interface ControlPlaneProcessSettings {
  readonly folder: string;
  readonly port: number;
  readonly servers: readonly string[];
  readonly identity: string;
}

const { folder, port, servers, identity } = JSON.parse(process.argv[2]!) as ControlPlaneProcessSettings;
const shared = { clock: systemClock, logger: silentLogger };
const store = await openEtcdStore({ servers });
const pki = await openPki({ folder: join(folder, "pki"), ...shared });
const settings = {
  host: "127.0.0.1",
  port,
  advertiseAddress: "127.0.0.1",
  version: "0.0.0",
  sharedStore: true,
};
const server = createApiServer({ settings, store, pki, ...shared });
await server.start();

const elections = leaseElections({ identity, ...shared });
const clientOf = (name: string) =>
  createApiClient(inProcessTransport(server, { name, groups: ["system:authenticated"] }));
const scheduling = clientOf("system:kube-scheduler");
const controlling = clientOf("system:kube-controller-manager");
const parts = [
  elections.elect("kube-scheduler", scheduling, () => {
    const events = createEventRecorder({ client: scheduling, component: "default-scheduler", ...shared });
    return new Scheduler({ api: scheduling, events, ...shared });
  }),
  elections.elect("kube-controller-manager", controlling, () => {
    const events = createEventRecorder({ client: controlling, component: "controllers", ...shared });
    const rootCertificates = (): string => pki.authorityCertificate;
    const signer = certificateSigner(pki, systemClock);
    return new ControllerManager({ api: controlling, events, rootCertificates, signer, ...shared });
  }),
];
for (const part of parts) await part.start();
writeSync(1, "ready\n");
