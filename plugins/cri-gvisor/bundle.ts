import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RootfsMount } from "@berth/cri";
import { mount, type MountFlag, unmountUnder } from "@berth/linux";
import type { RuntimeSpec } from "@berth/oci";

const knownFlags: readonly string[] = ["ro", "nosuid", "nodev", "noexec", "bind", "noatime", "relatime"];

/** A bundle folder as runsc wants it: config.json, and the root file system mounted beside it. */
export function makeBundle(folder: string, rootfs: readonly RootfsMount[], spec: RuntimeSpec): void {
  removeBundle(folder);
  const target = rootfsOf(folder);
  mkdirSync(target, { recursive: true, mode: 0o700 });
  for (const layer of rootfs) mountLayer(layer, target);
  writeFileSync(join(folder, "config.json"), JSON.stringify(spec));
}

/** A bundle whose root file system holds one program and nothing else; `programInPause` is its path inside. */
export function makePauseBundle(folder: string, program: string, spec: RuntimeSpec): void {
  removeBundle(folder);
  mkdirSync(join(rootfsOf(folder), "bin"), { recursive: true, mode: 0o755 });
  mkdirSync(join(rootfsOf(folder), "proc"));
  copyFileSync(program, join(rootfsOf(folder), programInPause));
  writeFileSync(join(folder, "config.json"), JSON.stringify(spec));
}

export const programInPause = "/bin/busybox";

export function rootfsOf(folder: string): string {
  return join(folder, "rootfs");
}

export function removeBundle(folder: string): void {
  unmountUnder(folder);
  rmSync(folder, { recursive: true, force: true });
}

function mountLayer(layer: RootfsMount, target: string): void {
  const { flags, data } = splitMountOptions(layer.options);
  mount({
    source: layer.source,
    target,
    ...(layer.type !== "bind" && { type: layer.type }),
    flags,
    ...(data !== "" && { data }),
  });
}

/** Options as containerd writes them: flags of mount(2), and what the file system itself reads. */
export function splitMountOptions(options: readonly string[]): { flags: MountFlag[]; data: string } {
  const flags: MountFlag[] = [];
  const data: string[] = [];
  for (const option of options) {
    if (option === "rbind") flags.push("bind", "rec");
    else if (knownFlags.includes(option)) flags.push(option as MountFlag);
    else if (option !== "rw") data.push(option);
  }
  return { flags, data: data.join(",") };
}
