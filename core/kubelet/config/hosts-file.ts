import type { HostAlias } from "../../api/index.ts";

const standard = [
  "127.0.0.1\tlocalhost",
  "::1\tlocalhost ip6-localhost ip6-loopback",
  "fe00::0\tip6-localnet",
  "fe00::0\tip6-mcastprefix",
  "fe00::1\tip6-allnodes",
  "fe00::2\tip6-allrouters",
];

/** /etc/hosts of a pod with a network of its own. */
export function podHosts(pod: {
  ips: readonly string[];
  hostname: string;
  domainName: string | undefined;
  aliases: readonly HostAlias[];
}): string {
  const names = pod.domainName ? `${pod.domainName}\t${pod.hostname}` : pod.hostname;
  const own = pod.ips.map((ip) => `${ip}\t${names}`);
  return finish("# Kubernetes-managed hosts file.", [...standard, ...own], pod.aliases);
}

/** /etc/hosts of a pod on the node's network: the node's own file and the aliases. */
export function hostNetworkHosts(nodeFile: string, aliases: readonly HostAlias[]): string {
  return finish("# Kubernetes-managed hosts file (host network).", [nodeFile.trimEnd()], aliases);
}

function finish(title: string, lines: readonly string[], aliases: readonly HostAlias[]): string {
  const extra = aliases.map((alias) => [alias.ip, ...(alias.hostnames ?? [])].join("\t"));
  const added = extra.length > 0 ? ["", "# Entries added by HostAliases.", ...extra] : [];
  return `${[title, ...lines, ...added].join("\n")}\n`;
}
