import type { Connection, PromiseClient } from "@berth/verbs";
import { services } from "@berth/verbs";
import type {
  NetworkDefinition,
  NetworkHandlers,
} from "@berth/proto/generated/host/berth/host/v1/Network.ts";
import type { RuntimeConfig } from "@berth/proto/generated/cni/berth/cni/v1/RuntimeConfig.ts";

export type HostNetworkClient = PromiseClient<NetworkDefinition, NetworkHandlers>;

const ifname = "eth0";

/**
 * The host's Network service for a runtime plugin that runs without a host: the same four verbs, answered by one plugin
 * of `berth.cni.v1` instead of the host's chain.
 */
export function createStandAloneNetwork(connection: Connection, networkName: string): HostNetworkClient {
  const plugin = connection.client(services.network);
  const config = { cni_version: "1.1.0", name: networkName };
  return {
    async attach(request, options) {
      const answer = await plugin.add(
        {
          config: { ...config, runtime_config: request.runtime_config as RuntimeConfig },
          attachment: {
            container_id: request.sandbox_id ?? "",
            ifname,
            netns: request.netns ?? "",
            args: {
              K8S_POD_NAMESPACE: request.pod?.namespace ?? "",
              K8S_POD_NAME: request.pod?.name ?? "",
              K8S_POD_UID: request.pod?.uid ?? "",
            },
          },
        },
        options,
      );
      return { result: answer.result, made_by: [connection.endpoint] };
    },
    async detach(request, options) {
      await plugin.del({ config, attachment: attachmentOf(request) }, options);
      return {};
    },
    async checkAttachment(request, options) {
      await plugin.check({ config, attachment: attachmentOf(request) }, options);
      return {};
    },
    async networkStatus(_request, options) {
      try {
        await plugin.status({ config }, options);
        return { ready: true, reason: "" };
      } catch (error) {
        return { ready: false, reason: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}

function attachmentOf(request: { sandbox_id?: string; netns?: string }) {
  return { container_id: request.sandbox_id ?? "", ifname, netns: request.netns ?? "" };
}
