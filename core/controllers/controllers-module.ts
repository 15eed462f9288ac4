import { ContainerModule, type ServiceIdentifier } from "inversify";

import { type Clock, createToken, type Logger, type Token } from "@berth/base";

import type { ApiClient, EventRecorder } from "../client/contracts.ts";
import { Elections, type Part } from "../client/elections.ts";
import type { CertificateSigner } from "./certificates/certificate-signer.ts";
import { ControllerManager } from "./controller-manager.ts";

/** The API as `system:kube-controller-manager`; core/main provides it. */
export const ControllersClient: Token<ApiClient> = createToken<ApiClient>("controllers.client");
export const ControllersEvents: Token<EventRecorder> = createToken<EventRecorder>("controllers.events");
/** PEM of the authority that signs the API server's certificate, as it is now. */
export const RootCertificates: Token<() => string> = createToken<() => string>(
  "controllers.root-certificates",
);
/** The cluster's authority; core/main provides it. */
export const RequestCertificateSigner: Token<CertificateSigner> = createToken<CertificateSigner>(
  "controllers.certificate-signer",
);
export const Controllers: Token<Part> = createToken<Part>("controllers");

const id = <T>(token: Token<T>): ServiceIdentifier<T> => token;

export const controllersModule = new ContainerModule(({ bind }) => {
  bind(id(Controllers))
    .toResolvedValue(
      (
        api: ApiClient,
        clock: Clock,
        logger: Logger,
        events: EventRecorder,
        rootCertificates: () => string,
        signer: CertificateSigner,
        elections: Elections,
      ) => {
        const parts = { api, clock, logger, events, rootCertificates, signer };
        return elections.elect("kube-controller-manager", api, () => new ControllerManager(parts));
      },
      [
        id(ControllersClient),
        id(createToken<Clock>("clock")),
        id(createToken<Logger>("logger")),
        id(ControllersEvents),
        id(RootCertificates),
        id(RequestCertificateSigner),
        id(Elections),
      ],
    )
    .inSingletonScope();
});
