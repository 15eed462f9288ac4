import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ConfigSchema } from "@berth/verbs";

/** The part of plugin.json that the plugin itself reads; the host owns and checks the whole. */
export interface PluginManifest {
  readonly id: string;
  readonly version: string;
  /** cri, csi, cni or device. */
  readonly contract: string;
  readonly contractVersions: Readonly<Record<string, readonly string[]>>;
  readonly config: ConfigSchema;
  readonly needs: readonly string[];
  readonly hostServices: readonly string[];
}

/** Reads `plugin.json` of a plugin's folder. */
export function readManifest(folder: string): PluginManifest {
  const path = join(folder, "plugin.json");
  const manifest = JSON.parse(readFileSync(path, "utf8")) as Partial<PluginManifest>;
  for (const key of ["id", "version", "contract"] as const) {
    if (typeof manifest[key] !== "string") throw new Error(`${path}: ${key} is missing or not a string`);
  }
  return {
    contractVersions: {},
    config: { type: "object", additionalProperties: false, properties: {} },
    needs: [],
    hostServices: [],
    ...(manifest as Pick<PluginManifest, "id" | "version" | "contract">),
  };
}
