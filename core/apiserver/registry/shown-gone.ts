import type { Kind } from "../../api/index.ts";

/** Kinds of which the last state is answered where others are only said to be gone. */
const shownGone: ReadonlySet<string> = new Set([
  "/Namespace",
  "/PersistentVolume",
  "/PersistentVolumeClaim",
  "/Pod",
  "/PodTemplate",
  "/ResourceQuota",
  "/Service",
  "/ServiceAccount",
]);
const shownGoneGroups: ReadonlySet<string> = new Set(["resource.k8s.io", "storage.k8s.io"]);

/** Whether who deletes an object is answered with its last state, and not only that it is gone. */
export const isShownGone = ({ group, kind }: Kind): boolean =>
  shownGone.has(`${group}/${kind}`) || (shownGoneGroups.has(group) && kind !== "CSIStorageCapacity");
