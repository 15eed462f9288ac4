import { join } from "node:path";
import type { CoreSettings } from "../serve/core-settings.ts";

/** What `berth up` was asked to do. */
export interface UpSettings {
  readonly core: CoreSettings;
  /** How the core is told of its audit log. */
  readonly auditArguments: readonly string[];
  /** Run the checks of the main job and end, instead of staying. */
  readonly exitWhenReady: boolean;
  /** Root of the repository: examples and tools are below it. */
  readonly root: string;
}

/** The image that the examples name, and the archive that set-up made of it. */
export const exampleImage = "berth.dev/hello:1";

export function exampleArchive(root: string): string {
  return join(root, "dist", "hello.tar");
}

export function examplesFolder(root: string): string {
  return join(root, "examples", "hello");
}

export const examplePods = ["web", "client", "notebook", "gpu", "sandboxed"] as const;
