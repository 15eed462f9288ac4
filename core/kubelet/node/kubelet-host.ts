import type { KubeletOptions } from "../kubelet-options.ts";

const everywhere = new Set(["0.0.0.0", "::"]);

/**
 * Tells the API server where the kubelet's port is when it is at none of the node's own addresses: a node that shares
 * its machine with the API server keeps the port on loopback.
 */
export function kubeletHostAnnotation(
  options: Pick<KubeletOptions, "addresses" | "listenHost">,
): Record<string, string | null> {
  const { addresses, listenHost } = options;
  const isAtNode = addresses.includes(listenHost) || everywhere.has(listenHost);
  // What an earlier start has said, which listened elsewhere, must go.
  return { "berth.dev/kubelet-host": isAtNode ? null : listenHost };
}
