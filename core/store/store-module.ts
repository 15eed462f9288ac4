import { ContainerModule, type ServiceIdentifier } from "inversify";

import { type Clock, createToken, type Disposable, type Logger, type Token } from "@berth/base";

import { startAutoCompactor } from "./auto-compactor.ts";
import { readEncryptionConfig } from "./encryption/encryption-config.ts";
import { EncryptingTransformer } from "./encryption/encrypting-transformer.ts";
import { transformingStore } from "./transforming-store.ts";
import { type EtcdSettings, readEtcdSettings } from "./etcd/etcd-settings.ts";
import { openEtcdStore } from "./etcd/etcd-store.ts";
import { openSqliteStore } from "./sqlite-store.ts";
import { Store } from "./store.ts";

export interface StoreSettings {
  /** Of the store file. */
  readonly path: string;
  /** Takes the place of the store file. */
  readonly etcd?: EtcdSettings;
  /** An EncryptionConfiguration: how values lie at rest. */
  readonly encryptionFile?: string;
  /** The compiled sqlite-worker.ts, where a bundle keeps it elsewhere than beside itself. */
  readonly workerUrl?: URL;
  /** How long history is kept at least, in milliseconds. */
  readonly historyMs?: number;
}

export const StoreSettings: Token<StoreSettings> = createToken<StoreSettings>("store.settings");
export const StoreCompactor: Token<Disposable> = createToken<Disposable>("store.compactor");

const id = <T>(token: Token<T>): ServiceIdentifier<T> => token;
const clockToken = createToken<Clock>("clock");
const loggerToken = createToken<Logger>("logger");

/** The embedded store, or the one that several processes share. Who composes closes the store and disposes the compactor, the compactor first. */
export const storeModule = new ContainerModule(({ bind }) => {
  bind(id(Store))
    .toResolvedValue(
      async (settings: StoreSettings, clock: Clock) => {
        const { path, workerUrl, etcd, encryptionFile } = settings;
        const rules = encryptionFile === undefined ? undefined : readEncryptionConfig(encryptionFile);
        const store = etcd
          ? await openEtcdStore({ ...readEtcdSettings(etcd), clock })
          : await openSqliteStore({ path, clock, ...(workerUrl && { workerUrl }) });
        return transformingStore(store, new EncryptingTransformer(rules ?? []));
      },
      [id(StoreSettings), id(clockToken)],
    )
    .inSingletonScope();
  bind(id(StoreCompactor))
    .toResolvedValue(
      (store: Store, settings: StoreSettings, clock: Clock, logger: Logger) =>
        startAutoCompactor(store, {
          clock,
          logger,
          ...(settings.historyMs !== undefined && { intervalMs: settings.historyMs }),
        }),
      [id(Store), id(StoreSettings), id(clockToken), id(loggerToken)],
    )
    .inSingletonScope();
});
