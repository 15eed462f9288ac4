import { mkdir, open, readdir, readFile, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BerthError } from "@berth/base";
import { type CgroupHierarchy, isErrno, listMountsUnder } from "@berth/linux";
import type { Pod } from "../../api/index.ts";
import type { ActualContainer } from "../actual/pod-actual.ts";
import { podCgroup } from "../config/cgroup-names.ts";
import { podLogFolder } from "../config/sandbox-config.ts";
import { volumeError } from "../errors.ts";
import { tailOfLog } from "../logs/log-tail.ts";
import { type PodContainer, podUid } from "../pods/pod-containers.ts";
import type { PodGround } from "../pods/pod-parts.ts";
import type { SandboxGround } from "../pods/sandbox-starter.ts";
import type { VolumeLayout } from "../volumes/volume-layout.ts";

/** Kubernetes API, Container.terminationMessagePath: 4 kB from the file, 2 kB or 80 lines from the log. */
const messageLimit = 4096;
const logLimit = { bytes: 2048, lines: 80 };

export interface GroundParts {
  readonly layout: VolumeLayout;
  readonly logsRoot: string;
  readonly cgroups: CgroupHierarchy | undefined;
  readonly cgroupRoot: string;
  /** Gives devices and tokens of the pod back. */
  readonly release: (uid: string) => void;
}

/** Folders, logs and control groups that the node keeps for a pod. */
export class NodeGround implements PodGround, SandboxGround {
  readonly #parts: GroundParts;

  constructor(parts: GroundParts) {
    this.#parts = parts;
  }

  async prepare(pod: Pod): Promise<void> {
    const { layout, logsRoot } = this.#parts;
    await Promise.all([
      mkdir(layout.pod(podUid(pod)), { recursive: true, mode: 0o750 }),
      mkdir(podLogFolder(logsRoot, pod), { recursive: true, mode: 0o755 }),
    ]);
  }

  async clean(pod: Pod): Promise<void> {
    const { cgroupRoot, cgroups, layout, logsRoot, release } = this.#parts;
    const uid = podUid(pod);
    const folder = layout.pod(uid);
    const [left] = listMountsUnder(folder);
    if (left)
      throw new BerthError(
        volumeError,
        `${left.target} is still mounted; unmount it, then the pod's files are removed`,
      );
    await rm(folder, { recursive: true, force: true });
    await this.#removeLogs(pod, logsRoot);
    if (cgroups) this.#removeGroups(cgroups, pod, cgroupRoot);
    release(uid);
  }

  async terminationMessage(pod: Pod, container: PodContainer, ended: ActualContainer): Promise<string> {
    const { layout, logsRoot } = this.#parts;
    const path = layout.terminationMessage(podUid(pod), ended.name, ended.attempt);
    const text = await readStart(path, messageLimit);
    if (text !== "" || container.spec.terminationMessagePolicy !== "FallbackToLogsOnError") return text;
    if (ended.exitCode === 0) return "";
    const log = ended.logPath || join(podLogFolder(logsRoot, pod), ended.name, `${ended.attempt}.log`);
    return tailOfLog(log, logLimit);
  }

  async forgetContainer(pod: Pod, ended: ActualContainer): Promise<void> {
    const { layout, logsRoot } = this.#parts;
    const folder = join(podLogFolder(logsRoot, pod), ended.name);
    const own = `${ended.attempt}.log`;
    const names = await readdir(folder).catch(() => []);
    for (const name of names.filter((one) => one === own || one.startsWith(`${own}.`))) {
      await rm(join(folder, name), { force: true });
    }
    await rm(layout.terminationMessage(podUid(pod), ended.name, ended.attempt), { force: true });
  }

  /** A pod that is only known by its uid has its logs under a name that ends with it. */
  async #removeLogs(pod: Pod, logsRoot: string): Promise<void> {
    const names = await readdir(logsRoot).catch(() => []);
    const own = names.filter((name) => name.endsWith(`_${podUid(pod)}`));
    for (const name of own) await rm(join(logsRoot, name), { recursive: true, force: true });
  }

  /** Every tier is tried: what the pod asked for may not be known any more. */
  #removeGroups(cgroups: CgroupHierarchy, pod: Pod, root: string): void {
    const own = podCgroup(pod, root, "cgroupfs");
    const name = own.slice(own.lastIndexOf("/") + 1);
    for (const tier of ["", "/burstable", "/besteffort"]) {
      try {
        cgroups.group(`${root}${tier}/${name}`).remove();
      } catch (error) {
        // A process of the pod is about to vanish; the group goes with the next pod that is cleaned, or at the end.
        if (!isErrno(error, "EBUSY", "ENOENT")) throw error;
      }
    }
  }
}

export async function makeFile(path: string, content: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o750 });
  const file = await open(path, "w", mode);
  try {
    await file.chmod(mode);
    await file.writeFile(content);
  } finally {
    await file.close();
  }
}

async function readStart(path: string, limit: number): Promise<string> {
  const content = await readFile(path).catch(() => Buffer.alloc(0));
  return content.subarray(0, limit).toString("utf8");
}
