import type { ImageConfig } from "../image-types.ts";

/** What a pod says about a container's first process; empty means "as the image says". */
export interface ProcessChoice {
  command: readonly string[];
  args: readonly string[];
  workingDir: string;
  /** NAME=value, in order; later ones win. */
  env: readonly string[];
}

const defaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/**
 * Arguments, environment and folder of the process. A command without args drops the image's args too, as
 * Kubernetes defines it. `args` is empty when neither pod nor image names a command: the caller refuses that.
 */
export function mergeProcess(
  image: ImageConfig["config"],
  choice: ProcessChoice,
): { args: string[]; env: string[]; cwd: string } {
  const command = choice.command.length > 0 ? choice.command : (image?.Entrypoint ?? []);
  const imageArgs = choice.command.length > 0 ? [] : (image?.Cmd ?? []);
  const args = choice.args.length > 0 ? choice.args : imageArgs;
  return {
    args: [...command, ...args],
    env: mergeEnv([defaultPath], image?.Env ?? [], choice.env),
    cwd: choice.workingDir || image?.WorkingDir || "/",
  };
}

function mergeEnv(...lists: readonly (readonly string[])[]): string[] {
  const byName = new Map<string, string>();
  for (const entry of lists.flat()) byName.set(entry.split("=", 1)[0]!, entry);
  return [...byName.values()];
}
