import { type Clock, createToken, type Logger, type Token } from "@berth/base";
import { ContainerModule, type ServiceIdentifier } from "inversify";
import { openPki, Pki } from "./pki.ts";

/** Folder of the cluster's keys and certificates. */
export const PkiFolder: Token<string> = createToken<string>("pki.folder");

const id = <T>(token: Token<T>): ServiceIdentifier<T> => token;

/** The cluster's keys and certificates, loaded or made. */
export const httpModule = new ContainerModule(({ bind }) => {
  bind(id(Pki))
    .toResolvedValue(
      (folder: string, clock: Clock, logger: Logger) => openPki({ folder, clock, logger }),
      [id(PkiFolder), id(createToken<Clock>("clock")), id(createToken<Logger>("logger"))],
    )
    .inSingletonScope();
});
