import type { Manifest } from "../manifest/manifest.ts";
import type { OwnNamespace } from "./own-namespaces.ts";

export interface LaunchWishes {
  readonly command: readonly string[];
  /** Folders of the control groups to enter; one on cgroup v2, one for each controller on v1. */
  readonly cgroupFolders: readonly string[];
  readonly dieWithHost: boolean;
  /** Run as this user and group, without capabilities and without a way to get any. */
  readonly uid: number | undefined;
  /** CAP_… names beyond which a process of the host's own user never gets; undefined: whatever the host has. */
  readonly capabilities: readonly string[] | undefined;
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
  } else if (wishes.capabilities !== undefined) {
    const names = wishes.capabilities.map((name) => `,+${name.slice("CAP_".length).toLowerCase()}`);
    privileges.push(`--bounding-set=-all${names.join("")}`, "--inh-caps=-all");
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

/**
 * The capabilities a plugin is held to. One that wants none and runs as the host's user all the same, for lack of one of its
 * own, still gets at the files that were another user's before.
 */
export function capabilitiesOf(manifest: Pick<Manifest, "privileges">): readonly string[] {
  return needsNoPrivilege(manifest) ? ["CAP_DAC_OVERRIDE"] : manifest.privileges.capabilities;
}

/** True when the manifest asks for nothing that only root may do. */
export function needsNoPrivilege(manifest: Pick<Manifest, "privileges">): boolean {
  const { capabilities, mounts, devices, hostNetwork, root } = manifest.privileges;
  return !root && !mounts && !hostNetwork && capabilities.length === 0 && devices.length === 0;
}
