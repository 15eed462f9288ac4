import { ContainerModule, type ServiceIdentifier } from "inversify";

import { type Clock, createToken, type Token } from "@berth/base";

import { Checkpoint } from "./checkpoint.ts";
import { openCheckpoint } from "./sqlite-checkpoint.ts";

export interface CheckpointSettings {
  /** Of the checkpoint file: one per node. */
  readonly path: string;
}

export const CheckpointSettings: Token<CheckpointSettings> =
  createToken<CheckpointSettings>("checkpoint.settings");

const id = <T>(token: Token<T>): ServiceIdentifier<T> => token;

/** The node's memory. Who composes closes it, last of all that write to it. */
export const checkpointModule = new ContainerModule(({ bind }) => {
  bind(id(Checkpoint))
    .toResolvedValue(
      (settings: CheckpointSettings, clock: Clock) => openCheckpoint(settings.path, { clock }),
      [id(CheckpointSettings), id(createToken<Clock>("clock"))],
    )
    .inSingletonScope();
});
