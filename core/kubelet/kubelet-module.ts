import { ContainerModule, type ServiceIdentifier } from "inversify";
import { type Clock, createToken, type Logger, type Token } from "@berth/base";
import { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { ApiClient, EventRecorder } from "../client/contracts.ts";
import { Pki } from "../http/index.ts";
import { PluginHost } from "../pluginhost/contracts/index.ts";
import { Kubelet } from "./kubelet.ts";
import type { KubeletOptions } from "./kubelet-options.ts";

/** The API as `system:node:<name>`; core/main provides it. */
export const KubeletClient: Token<ApiClient> = createToken<ApiClient>("kubelet.client");
export const KubeletEvents: Token<EventRecorder> = createToken<EventRecorder>("kubelet.events");
export const KubeletSettings: Token<KubeletOptions> = createToken<KubeletOptions>("kubelet.options");
export const KubeletPart: Token<Kubelet> = createToken<Kubelet>("kubelet");

const id = <T>(token: Token<T>): ServiceIdentifier<T> => token;

/** The kubelet of one node: start it, and dispose it before what it depends on. */
export const kubeletModule = new ContainerModule(({ bind }) => {
  bind(id(KubeletPart))
    .toResolvedValue(
      (
        options: KubeletOptions,
        client: ApiClient,
        host: PluginHost,
        checkpoint: Checkpoint,
        events: EventRecorder,
        pki: Pki,
        clock: Clock,
        logger: Logger,
      ) =>
        new Kubelet({
          options,
          client,
          host,
          checkpoint,
          events,
          clock,
          logger,
          serving: () =>
            pki.leaf(`kubelet-${options.nodeName}`, {
              commonName: `system:node:${options.nodeName}`,
              organizations: ["system:nodes"],
              hosts: [...new Set([options.nodeName, options.listenHost, ...options.addresses])],
              usages: ["server"],
            }),
          clientAuthority: () => pki.authorityCertificate,
        }),
      [
        id(KubeletSettings),
        id(KubeletClient),
        id(PluginHost),
        id(Checkpoint),
        id(KubeletEvents),
        id(Pki),
        id(createToken<Clock>("clock")),
        id(createToken<Logger>("logger")),
      ],
    )
    .inSingletonScope();
});
