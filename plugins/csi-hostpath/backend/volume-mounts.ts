import { type Mount, readMounts } from "@berth/linux";
import type { VolumeMount } from "./hostpath-backend.ts";

/**
 * Mounts that show volumes of ours, by what the kernel says is mounted: a folder under our root, or the node of a loop device
 * whose image is under our root. `loops` maps images to their devices.
 */
export function findVolumeMounts(
  root: string,
  loops: ReadonlyMap<string, string>,
  mounts: readonly Mount[] = readMounts(),
): VolumeMount[] {
  const home = mountOf(root, mounts);
  const folder = home && `${insideOf(home, root)}/volumes/`;
  const devices = new Map<string, string>();
  for (const [image, device] of loops) {
    const id = idIn(image, `${root}/volumes/`, "/image");
    if (id !== undefined) devices.set(device, id);
  }
  return mounts.flatMap((mount) => {
    const id =
      home && folder && mount.device === home.device
        ? idIn(mount.root, folder, "/data")
        : mount.type === "devtmpfs"
          ? devices.get(`/dev${mount.root}`)
          : undefined;
    return id === undefined
      ? []
      : [{ volumeId: id, target: mount.target, readOnly: mount.options.includes("ro") }];
  });
}

/** The mount that a path lies in: the longest target above it, the latest where several lie on one. */
function mountOf(path: string, mounts: readonly Mount[]): Mount | undefined {
  return mounts
    .filter(({ target }) => target === "/" || `${path}/`.startsWith(`${target}/`))
    .toSorted((a, b) => b.target.length - a.target.length || b.id - a.id)[0];
}

/** The path as the file system itself knows it. */
function insideOf(mount: Mount, path: string): string {
  const below = mount.target === "/" ? path : path.slice(mount.target.length);
  return `${mount.root === "/" ? "" : mount.root}${below}`;
}

function idIn(path: string, before: string, after: string): string | undefined {
  if (!path.startsWith(before) || !path.endsWith(after)) return undefined;
  const id = path.slice(before.length, -after.length);
  return id === "" || id.includes("/") ? undefined : id;
}
