import { resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import type { PullSecret } from "../../api/berth/types.ts";
import type { PullSecrets } from "../../pluginhost/contracts/index.ts";

/** Where logins of registries are; a login itself never stands on a command line. */
export interface LoginOptions {
  readonly registryAuthFile?: string | undefined;
  readonly npmrc?: string | undefined;
}

/** For commands that write Plugin objects and fetch what these name. */
export interface PullSecretOptions {
  /** Goes into the object; its login counts here too, unless a file is named. */
  readonly pullSecret?: PullSecret | undefined;
  readonly pullSecrets?: PullSecrets | undefined;
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

export function addPullSecretOption(command: Command): Command {
  return command.option(
    "--pull-secret <namespace/name>",
    "a Secret with the registry's login, which the nodes read: .dockerconfigjson for oci:, .npmrc for npm:",
    (text: string): PullSecret => {
      const [namespace, name, ...more] = text.split("/");
      if (!namespace || !name || more.length > 0)
        throw new InvalidArgumentError("It must be NAMESPACE/NAME of a Secret.");
      return { namespace, name };
    },
  );
}
