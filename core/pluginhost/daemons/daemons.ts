import type { DaemonManifest } from "../manifest/manifest.ts";

/** The backing processes of this node, as plugins see them. */
export interface Daemons {
  /** What the manifest of the package in `folder` declares. The first to declare an id decides how it is started. */
  declare(folder: string, daemons: readonly DaemonManifest[]): void;
  /** Where a daemon serves; undefined as long as nobody has declared it. */
  socketPath(id: string): string | undefined;
}
