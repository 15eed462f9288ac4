import { BerthError } from "@berth/base";
import type { ConfigMap, DownwardAPIVolumeFile, KeyToPath, Pod, Secret } from "../../api/index.ts";
import { fieldValue, type NodeFacts, resourceValue } from "../environment/field-ref.ts";
import { volumeError } from "../errors.ts";
import type { VolumeFile } from "./atomic-writer.ts";

interface Selection {
  /** For messages: `configmap "settings"`. */
  readonly title: string;
  readonly items: readonly KeyToPath[] | undefined;
  readonly mode: number;
  readonly optional: boolean;
}

export function configMapFiles(object: ConfigMap | undefined, selection: Selection): VolumeFile[] {
  const data = new Map<string, Uint8Array>();
  for (const [key, value] of Object.entries(object?.data ?? {})) data.set(key, Buffer.from(value));
  for (const [key, value] of Object.entries(object?.binaryData ?? {}))
    data.set(key, Buffer.from(value, "base64"));
  return select(object && data, selection);
}

export function secretFiles(object: Secret | undefined, selection: Selection): VolumeFile[] {
  const entries = Object.entries(object?.data ?? {}).map(([key, value]): [string, Uint8Array] => [
    key,
    Buffer.from(value, "base64"),
  ]);
  return select(object && new Map(entries), selection);
}

function select(data: ReadonlyMap<string, Uint8Array> | undefined, selection: Selection): VolumeFile[] {
  const { items, mode, optional, title } = selection;
  if (!data) {
    if (optional) return [];
    throw new BerthError(volumeError, `${title} not found`);
  }
  if (!items) return [...data].map(([path, content]) => ({ path, content, mode }));
  return items.flatMap((item) => {
    const content = data.get(item.key);
    if (content) return [{ path: item.path, content, mode: item.mode ?? mode }];
    if (optional) return [];
    throw new BerthError(volumeError, `${title} has no key "${item.key}"`);
  });
}

export function downwardFiles(
  pod: Pod,
  items: readonly DownwardAPIVolumeFile[] | undefined,
  mode: number,
  node: NodeFacts,
): VolumeFile[] {
  return (items ?? []).map((item) => ({
    path: item.path,
    content: Buffer.from(downwardValue(pod, item, node)),
    mode: item.mode ?? mode,
  }));
}

function downwardValue(pod: Pod, item: DownwardAPIVolumeFile, node: NodeFacts): string {
  if (item.fieldRef) return fieldValue(pod, item.fieldRef.fieldPath, node);
  const selector = item.resourceFieldRef;
  const containers = [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
  const container = containers.find(({ name }) => name === selector?.containerName);
  if (!selector || !container) {
    throw new BerthError(
      volumeError,
      `downwardAPI item "${item.path}" names no field and no container of the pod`,
    );
  }
  return resourceValue(container, selector, node.allocatable);
}
