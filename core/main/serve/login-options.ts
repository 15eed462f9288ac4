import { resolve } from "node:path";
import type { Command } from "commander";

/** Where logins of registries are; a login itself never stands on a command line. */
export interface LoginOptions {
  readonly registryAuthFile?: string | undefined;
  readonly npmrc?: string | undefined;
}

export function addLoginOptions(command: Command): Command {
  return command
    .option(
      "--registry-auth-file <file>",
      "logins of OCI registries, as docker, podman and oras login write them",
    )
    .option("--npmrc <file>", "logins of npm registries: lines //HOST/:_authToken=… as npm reads them");
}

export function loginFiles({ registryAuthFile, npmrc }: LoginOptions): {
  registryAuthFile?: string;
  npmrc?: string;
} {
  return {
    ...(registryAuthFile === undefined ? {} : { registryAuthFile: resolve(registryAuthFile) }),
    ...(npmrc === undefined ? {} : { npmrc: resolve(npmrc) }),
  };
}
