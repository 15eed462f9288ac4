import type { Manifest } from "../manifest/manifest.ts";
import type { OwnNamespace } from "./own-namespaces.ts";

export interface LaunchWishes {
  readonly command: readonly string[];
  /** Folders of the control groups to enter; one on cgroup v2, one for each controller on v1. */
  readonly cgroupFolders: readonly string[];
  readonly dieWithHost: boolean;
  /** Run as this user and group, without capabilities and without a way to get any. */
  readonly uid: number | undefined;
  /** Namespaces of its own to run in, those of them that the kernel grants. */
  readonly namespaces: readonly OwnNamespace[];
}

// The shell enters the groups before the program runs, so that no child of it can be outside; then it is replaced.
const enterGroups = 'while [ "$1" != -- ]; do echo 0 > "$1/cgroup.procs" || exit 125; shift; done; shift';

// Each is tried alone, so that one which the kernel refuses does not cost the others.
const leaveNamespaces = [
  'apart=; while [ "$1" != -- ]; do if unshare "$1" true 2>&-; then apart="$apart $1"; fi; shift; done; shift',
  'if [ "$apart" ]; then exec unshare --propagation slave $apart -- "$@"; fi; exec "$@"',
].join("; ");

/** The command line that becomes the plugin, keeping one process id from start to end. */
export function launchCommand(wishes: LaunchWishes): { command: string; args: string[] } {
  const privileges: string[] = [];
  if (wishes.dieWithHost) privileges.push("--pdeathsig", "KILL");
  if (wishes.uid !== undefined) {
    privileges.push(`--reuid=${wishes.uid}`, `--regid=${wishes.uid}`, "--clear-groups");
    privileges.push("--bounding-set=-all", "--inh-caps=-all", "--no-new-privs");
  }
  const inner = privileges.length > 0 ? ["setpriv", ...privileges, "--", ...wishes.command] : wishes.command;
  return {
    command: "/bin/sh",
    args: [
      "-c",
      `${enterGroups}; ${leaveNamespaces}`,
      "berth-launch",
      ...wishes.cgroupFolders,
      "--",
      ...wishes.namespaces.map((name) => `--${name}`),
      "--",
      ...inner,
    ],
  };
}

/** True when the manifest asks for nothing that only root may do. */
export function needsNoPrivilege(manifest: Pick<Manifest, "privileges">): boolean {
  const { capabilities, mounts, devices, hostNetwork, root } = manifest.privileges;
  return !root && !mounts && !hostNetwork && capabilities.length === 0 && devices.length === 0;
}
