import type { Attachment } from "@berth/proto/generated/cni/berth/cni/v1/Attachment.ts";
import type { NetworkConfig } from "@berth/proto/generated/cni/berth/cni/v1/NetworkConfig.ts";
import { toStruct } from "@berth/verbs";
import type { AttachmentLink, AttachmentRecord } from "./attachment-record.ts";

export const cniVersion = "1.1.0";
/** The interface that every pod has. */
export const podInterface = "eth0";

/** The section of the network configuration that is one plugin's. */
export function networkConfig(
  link: Pick<AttachmentLink, "plugin" | "type" | "config">,
  runtimeConfig?: AttachmentRecord["runtimeConfig"],
): NetworkConfig {
  return {
    cni_version: cniVersion,
    name: link.plugin,
    type: link.type,
    options: toStruct(link.config),
    ...(runtimeConfig ? { runtime_config: runtimeConfig } : {}),
  };
}

export function attachment(record: AttachmentRecord, netns: string): Attachment {
  const { namespace, name, uid } = record.pod;
  return {
    container_id: record.sandboxId,
    ifname: podInterface,
    netns,
    args: { K8S_POD_NAMESPACE: namespace, K8S_POD_NAME: name, K8S_POD_UID: uid },
  };
}
