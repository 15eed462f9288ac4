import { ContainerModule, type ServiceIdentifier } from "inversify";
import { type Clock, createToken, type Logger, type Token } from "@berth/base";
import { Checkpoint } from "../checkpoint/checkpoint.ts";
import { PluginHost, PullSecrets } from "./contracts/index.ts";
import { type PluginHostOptions, pluginHostOptionsToken } from "./host-options.ts";
import { NodePluginHost } from "./node-plugin-host.ts";

const id = <T>(token: Token<T>): ServiceIdentifier<T> => token;

/** The plugin host of one node; core/main provides {@link pluginHostOptionsToken}. */
export const pluginHostModule = new ContainerModule(({ bind }) => {
  bind(id(PluginHost))
    .toResolvedValue(
      async (
        options: PluginHostOptions,
        checkpoint: Checkpoint,
        clock: Clock,
        logger: Logger,
        pullSecrets: PullSecrets,
      ): Promise<PluginHost> => {
        const host = new NodePluginHost({ options, checkpoint, clock, logger, pullSecrets });
        await host.start();
        return host;
      },
      [
        id(pluginHostOptionsToken),
        id(Checkpoint),
        id(createToken<Clock>("clock")),
        id(createToken<Logger>("logger")),
        id(PullSecrets),
      ],
    )
    .inSingletonScope();
});
