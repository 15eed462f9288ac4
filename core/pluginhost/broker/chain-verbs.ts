import type { AddRequest__Output } from "@berth/proto/generated/cni/berth/cni/v1/AddRequest.ts";
import type { Attachment__Output } from "@berth/proto/generated/cni/berth/cni/v1/Attachment.ts";
import type { CheckRequest__Output } from "@berth/proto/generated/cni/berth/cni/v1/CheckRequest.ts";
import type { DelRequest__Output } from "@berth/proto/generated/cni/berth/cni/v1/DelRequest.ts";
import type { GcRequest__Output } from "@berth/proto/generated/cni/berth/cni/v1/GcRequest.ts";
import type { ParentCall } from "@berth/verbs";
import type { NetworkBroker } from "./network-broker.ts";
import { cniVersion, podInterface } from "./network-messages.ts";
import { HostError, type HostVerb } from "./serve-unary.ts";

/** The node's whole chain as one plugin of berth.cni.v1, for a runtime that calls CNI itself. */
export function chainVerbs(
  runtime: string,
  network: NetworkBroker,
  now: () => number,
): Readonly<Record<string, HostVerb>> {
  return {
    async add({ config, attachment }: AddRequest__Output, parent: ParentCall) {
      const { sandbox_id, netns, args } = sandboxOf(attachment);
      const pod = {
        namespace: args["K8S_POD_NAMESPACE"] ?? "",
        name: args["K8S_POD_NAME"] ?? "",
        uid: args["K8S_POD_UID"] ?? "",
      };
      const runtime_config = config?.runtime_config ?? null;
      const request = { sandbox_id, netns, pod, annotations: {}, runtime_config };
      const { result } = await network.attach(runtime, request, parent);
      return { result };
    },
    del: ({ attachment }: DelRequest__Output, parent: ParentCall) =>
      network.detach(sandboxOf(attachment), parent),
    check: ({ attachment }: CheckRequest__Output, parent: ParentCall) =>
      network.check(sandboxOf(attachment), parent),
    async gc({ valid_attachments: valid }: GcRequest__Output) {
      await network.retain(runtime, new Set(valid.map(({ container_id }) => container_id)), now());
      return { released: [] };
    },
    status() {
      if (network.chainReason !== "") throw new HostError("UNAVAILABLE", network.chainReason);
      return {};
    },
    version: () => ({ cni_version: cniVersion, supported_versions: [cniVersion] }),
  };
}

function sandboxOf(attachment: Attachment__Output | null) {
  const { container_id: sandbox_id = "", ifname = "", netns = "", args = {} } = attachment ?? {};
  if (sandbox_id === "") throw new HostError("INVALID_ARGUMENT", "attachment.container_id is empty");
  if (ifname !== podInterface) {
    throw new HostError(
      "INVALID_ARGUMENT",
      `attachment.ifname is ${JSON.stringify(ifname)}, but a pod of this node has one interface, ${podInterface}`,
    );
  }
  return { sandbox_id, netns, args };
}
