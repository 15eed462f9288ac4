/** The API as its users inside Berth see it: clients over two transports, and what is built on them. */
export { createApiClient } from "./api-client.ts";
export * from "./contracts.ts";
export { Elections, leaseElections, type Part, soleCandidate } from "./elections.ts";
export { createEventRecorder, type EventRecorderOptions } from "./event-recorder.ts";
export { httpsTransport, type HttpsTransportOptions, streamText } from "./https-transport.ts";
export {
  type InProcessAnswer,
  type InProcessEndpoint,
  inProcessTransport,
  type InProcessUser,
} from "./in-process-transport.ts";
export { objectKey } from "./indexed-objects.ts";
export { createInformer, type InformerParts } from "./informer.ts";
export { Informers } from "./informers.ts";
export { LeaderElection, type LeaderElectionOptions } from "./leader-election.ts";
export { readKubeconfig } from "./read-kubeconfig.ts";
export { onEveryChange, reconcileQueue, splitKey, unlessGone, unlessThere } from "./reconcile.ts";
export { clientOf, resources, type TypedResource } from "./resources.ts";
export { retryOnConflict } from "./retry-on-conflict.ts";
export type { Transport, TransportRequest } from "./transport.ts";
export { waitFor } from "./wait-for.ts";
export { createWorkQueue, type WorkQueueOptions } from "./work-queue.ts";
