import { type Clock, createToken, type Logger, type Token } from "@berth/base";
import { ContainerModule, type ServiceIdentifier } from "inversify";
import { Pki } from "../http/index.ts";
import { Store } from "../store/store.ts";
import { ApiServer, ApiServerSettings, createApiServer } from "./api-server.ts";

const id = <T>(token: Token<T>): ServiceIdentifier<T> => token;

/** The API server. Who composes starts it, and disposes it before the store. */
export const apiServerModule = new ContainerModule(({ bind }) => {
  bind(id(ApiServer))
    .toResolvedValue(
      (settings: ApiServerSettings, store: Store, pki: Pki, clock: Clock, logger: Logger) =>
        createApiServer({ settings, store, pki, clock, logger }),
      [
        id(ApiServerSettings),
        id(Store),
        id(Pki),
        id(createToken<Clock>("clock")),
        id(createToken<Logger>("logger")),
      ],
    )
    .inSingletonScope();
});
