import { basename } from "node:path";
import { allCapabilities } from "@berth/oci";
import type { PluginSpec } from "../contracts/plugin-types.ts";
import { hostServiceNames, type Manifest } from "../manifest/manifest.ts";

const versions = { cri: "v1", csi: "v1", cni: "v1", device: "v1beta1" } as const;

/**
 * The manifest of a program that brings none: it serves spec.contract on ${socket}, takes any configuration from
 * ${config}, and wants what it is granted.
 */
export function executableManifest(
  spec: Pick<PluginSpec, "contract" | "version" | "grants">,
  { path, args }: { readonly path: string; readonly args: readonly string[] },
): Manifest {
  const { contract, version = "0.0.0", grants = [] } = spec;
  const services: readonly string[] = hostServiceNames;
  return {
    id:
      basename(path)
        .toLowerCase()
        .replaceAll(/[^a-z0-9-]+/g, "-")
        .replaceAll(/^-+|-+$/g, "") || "plugin",
    version,
    contract,
    contractVersions: { [contract]: [versions[contract]] },
    entry: [`./${basename(path)}`, ...args],
    sdk: false,
    lifetime: "adoptable",
    config: { type: "object" },
    configMigrations: [],
    needs: [],
    daemons: [],
    hostServices: grants.filter((grant) => services.includes(grant)),
    privileges: {
      root: grants.includes("root"),
      mounts: grants.includes("mounts"),
      hostNetwork: grants.includes("hostNetwork"),
      capabilities: capabilitiesFrom(grants),
      devices: grants.filter((grant) => grant.startsWith("/dev/")),
    },
    limits: {},
    startBudgetSeconds: 30,
    stateless: false,
  };
}

/** Whoever grants root and names no capability grants all of them. */
function capabilitiesFrom(grants: readonly string[]): readonly string[] {
  const named = grants.filter((grant) => grant.startsWith("CAP_"));
  return named.length === 0 && grants.includes("root") ? allCapabilities : named;
}
