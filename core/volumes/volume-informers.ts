import type { Informers } from "../client/informers.ts";
import { resources } from "../client/resources.ts";

export type VolumeInformers = ReturnType<typeof volumeInformers>;

export function volumeInformers(informers: Informers) {
  return {
    claims: informers.of(resources.claims),
    volumes: informers.of(resources.volumes),
    storageClasses: informers.of(resources.storageClasses),
    attachments: informers.of(resources.volumeAttachments),
    pods: informers.of(resources.pods),
    nodes: informers.of(resources.nodes),
    csiNodes: informers.of(resources.csiNodes),
  };
}
