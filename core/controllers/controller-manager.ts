import { type Clock, type Disposable, DisposableStack, type Logger } from "@berth/base";

import type { ApiClient, EventRecorder } from "../client/contracts.ts";
import { Informers } from "../client/informers.ts";
import { BootstrapTokenCleaner } from "./access/bootstrap-token-cleaner.ts";
import { ClusterRoleController } from "./access/cluster-role-controller.ts";
import type { CertificateSigner } from "./certificates/certificate-signer.ts";
import { RequestApprover } from "./certificates/request-approver.ts";
import { RequestCleaner } from "./certificates/request-cleaner.ts";
import { RequestSigner } from "./certificates/request-signer.ts";
import { DisruptionController } from "./disruption/disruption-controller.ts";
import { GarbageCollector } from "./garbage/garbage-collector.ts";
import { PodGarbageCollector } from "./garbage/pod-garbage-collector.ts";
import { NamespaceController } from "./namespaces/namespace-controller.ts";
import { ServiceAccountController } from "./namespaces/service-account-controller.ts";
import { NodeLifecycleController } from "./nodes/node-lifecycle-controller.ts";
import { PluginHistoryController } from "./plugins/plugin-history-controller.ts";
import { clusterInformers } from "./shared/cluster-informers.ts";
import type { Controller } from "./shared/controller.ts";
import { EndpointSliceController } from "./services/endpoint-slice-controller.ts";
import { ClaimController } from "./volumes/claim-controller.ts";
import { ProtectionController } from "./volumes/protection-controller.ts";
import { VolumeController } from "./volumes/volume-controller.ts";
import { DeploymentController } from "./workloads/deployment-controller.ts";
import { ReplicaSetController } from "./workloads/replica-set-controller.ts";

export interface ControllerManagerParts {
  readonly api: ApiClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: EventRecorder;
  /** PEM of the authority that signs the API server's certificate, as it is now: pods trust it. */
  readonly rootCertificates: () => string;
  readonly signer: CertificateSigner;
}

/** All controllers on one set of informers. One of it is at work in a cluster at a time. */
export class ControllerManager implements Disposable {
  readonly label = "controllers";
  readonly #informers: Informers;
  readonly #controllers: readonly Controller[];
  readonly #stack = new DisposableStack("controllers");

  constructor({ rootCertificates, signer, ...shared }: ControllerManagerParts) {
    this.#informers = this.#stack.use(new Informers("controllers", shared));
    const parts = { ...shared, informers: clusterInformers(this.#informers) };
    this.#controllers = [
      new NamespaceController(parts),
      new ServiceAccountController(parts, rootCertificates),
      new ClusterRoleController(parts),
      new BootstrapTokenCleaner(parts),
      new RequestApprover(parts, signer),
      new RequestSigner(parts, signer),
      new RequestCleaner(parts),
      new NodeLifecycleController(parts),
      new PodGarbageCollector(parts),
      new ClaimController(parts),
      new VolumeController(parts),
      new ProtectionController(parts),
      new ReplicaSetController(parts),
      new DeploymentController(parts),
      new DisruptionController(parts),
      new EndpointSliceController(parts),
      new PluginHistoryController(parts),
      new GarbageCollector(parts),
    ];
    for (const controller of this.#controllers) this.#stack.use(controller);
  }

  /** Resolves when every controller has seen the cluster and is at work. */
  async start(): Promise<void> {
    await this.#informers.start();
    for (const controller of this.#controllers) controller.start?.();
  }

  dispose(): Promise<void> {
    return this.#stack.dispose();
  }
}
