import type { ConfigSources } from "../environment/container-environment.ts";
import type { Pod, Volume, VolumeProjection } from "../../api/index.ts";
import type { NodeFacts } from "../environment/field-ref.ts";
import { podNamespace, podUid } from "../pods/pod-containers.ts";
import { type FileOwner, type VolumeFile, writeVolumeFiles } from "./atomic-writer.ts";
import { configMapFiles, downwardFiles, secretFiles } from "./projected-files.ts";
import type { TokenSource } from "./token-source.ts";
import type { MountedVolume, VolumeKind } from "./volume-kind.ts";
import type { VolumeLayout } from "./volume-layout.ts";

const defaultMode = 0o644;
const defaultTokenSeconds = 3600;
const pluginNames = {
  configMap: "kubernetes.io~configmap",
  secret: "kubernetes.io~secret",
  downwardAPI: "kubernetes.io~downward-api",
  projected: "kubernetes.io~projected",
} as const;

/** Volumes whose files come from the API: configMap, secret, downwardAPI, and projected, which joins them. */
export class ProjectedVolumes implements VolumeKind {
  readonly #layout: VolumeLayout;
  readonly #sources: ConfigSources;
  readonly #tokens: TokenSource;
  readonly #facts: (pod: Pod) => NodeFacts;

  constructor(parts: {
    layout: VolumeLayout;
    sources: ConfigSources;
    tokens: TokenSource;
    facts: (pod: Pod) => NodeFacts;
  }) {
    this.#layout = parts.layout;
    this.#sources = parts.sources;
    this.#tokens = parts.tokens;
    this.#facts = parts.facts;
  }

  accepts(volume: Volume): boolean {
    return kindOf(volume) !== undefined;
  }

  async setUp(pod: Pod, volume: Volume): Promise<MountedVolume> {
    await this.refresh(pod, volume);
    return { name: volume.name, path: this.#path(pod, volume), readOnly: false };
  }

  async refresh(pod: Pod, volume: Volume): Promise<void> {
    const files = await this.#files(pod, volume);
    await writeVolumeFiles(this.#path(pod, volume), files, fileOwner(pod));
  }

  #path(pod: Pod, volume: Volume): string {
    return this.#layout.volume(podUid(pod), pluginNames[kindOf(volume)!], volume.name);
  }

  async #files(pod: Pod, volume: Volume): Promise<VolumeFile[]> {
    const { configMap, downwardAPI, projected, secret } = volume;
    if (configMap) return this.#project(pod, { configMap }, configMap.defaultMode ?? defaultMode);
    if (secret) {
      const { items, optional, secretName } = secret;
      const projection = {
        name: secretName ?? "",
        ...(items ? { items } : {}),
        ...(optional ? { optional } : {}),
      };
      return this.#project(pod, { secret: projection }, secret.defaultMode ?? defaultMode);
    }
    if (downwardAPI) return this.#project(pod, { downwardAPI }, downwardAPI.defaultMode ?? defaultMode);
    const mode = projected?.defaultMode ?? defaultMode;
    const files = new Map<string, VolumeFile>();
    for (const source of projected?.sources ?? []) {
      for (const file of await this.#project(pod, source, mode)) files.set(file.path, file);
    }
    return [...files.values()];
  }

  async #project(pod: Pod, source: VolumeProjection, mode: number): Promise<VolumeFile[]> {
    const namespace = podNamespace(pod);
    if (source.configMap) {
      const { items, name = "", optional = false } = source.configMap;
      const found = await this.#sources.configMap(namespace, name);
      return configMapFiles(found, { title: `configmap "${name}"`, items, mode, optional });
    }
    if (source.secret) {
      const { items, name = "", optional = false } = source.secret;
      const found = await this.#sources.secret(namespace, name);
      return secretFiles(found, { title: `secret "${name}"`, items, mode, optional });
    }
    if (source.downwardAPI) return downwardFiles(pod, source.downwardAPI.items, mode, this.#facts(pod));
    if (!source.serviceAccountToken) return [];
    const { audience, expirationSeconds = defaultTokenSeconds, path } = source.serviceAccountToken;
    const token = await this.#tokens.token(pod, audience, expirationSeconds);
    return [{ path, content: Buffer.from(token), mode: tokenMode(pod) ?? mode }];
  }
}

/** A token is readable by those who run as the pod's group or user, where it names them. */
function tokenMode(pod: Pod): number | undefined {
  const context = pod.spec?.securityContext;
  if (context?.fsGroup !== undefined) return 0o640;
  return context?.runAsUser === undefined ? undefined : 0o600;
}

function kindOf(volume: Volume): keyof typeof pluginNames | undefined {
  const kinds = ["configMap", "secret", "downwardAPI", "projected"] as const;
  return kinds.find((kind) => volume[kind] !== undefined);
}

function fileOwner(pod: Pod): FileOwner {
  const context = pod.spec?.securityContext;
  return { uid: context?.fsGroup === undefined ? context?.runAsUser : undefined, gid: context?.fsGroup };
}
