import { ContainerModule, type ServiceIdentifier } from "inversify";
import { type Clock, createToken, type Logger, type Token } from "@berth/base";
import type { ApiClient, EventRecorder } from "../client/contracts.ts";
import { PluginHost, PullSecrets } from "../pluginhost/contracts/index.ts";
import { apiPullSecrets } from "./api-pull-secrets.ts";
import { NodeAgent } from "./node-agent.ts";

/** The API as `system:node:<name>`; core/main provides it. */
export const NodeAgentClient: Token<ApiClient> = createToken<ApiClient>("nodeagent.client");
export const NodeAgentEvents: Token<EventRecorder> = createToken<EventRecorder>("nodeagent.events");
export const NodeAgentNodeName: Token<string> = createToken<string>("nodeagent.node-name");
export const NodeAgentPart: Token<NodeAgent> = createToken<NodeAgent>("nodeagent");

const id = <T>(token: Token<T>): ServiceIdentifier<T> => token;

export const nodeAgentModule = new ContainerModule(({ bind }) => {
  bind(id(PullSecrets))
    .toResolvedValue(apiPullSecrets, [id(NodeAgentClient)])
    .inSingletonScope();
  bind(id(NodeAgentPart))
    .toResolvedValue(
      (
        nodeName: string,
        api: ApiClient,
        host: PluginHost,
        events: EventRecorder,
        clock: Clock,
        logger: Logger,
      ) => new NodeAgent({ nodeName, api, host, events, clock, logger }),
      [
        id(NodeAgentNodeName),
        id(NodeAgentClient),
        id(PluginHost),
        id(NodeAgentEvents),
        id(createToken<Clock>("clock")),
        id(createToken<Logger>("logger")),
      ],
    )
    .inSingletonScope();
});
