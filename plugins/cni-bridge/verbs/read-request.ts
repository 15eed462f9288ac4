import { isIP } from "node:net";
import { encodeMac } from "@berth/linux";
import type { AddRequest__Output } from "@berth/proto/generated/cni/berth/cni/v1/AddRequest.ts";
import type { Attachment__Output } from "@berth/proto/generated/cni/berth/cni/v1/Attachment.ts";
import type { NetworkConfig__Output } from "@berth/proto/generated/cni/berth/cni/v1/NetworkConfig.ts";
import type { PortMapping__Output } from "@berth/proto/generated/cni/berth/cni/v1/PortMapping.ts";
import type { AddOrder } from "../attachments/add-order.ts";
import type { AttachmentKey, HostPort } from "../attachments/attachment.ts";
import { cniError, supportedCniVersions } from "./cni-error.ts";

export function readAddOrder(request: AddRequest__Output): AddOrder {
  checkCniVersion(request.config);
  const runtime = request.config?.runtime_config;
  if (runtime?.bandwidth && Object.values(runtime.bandwidth).some((value) => value !== "0")) {
    throw refused(
      "runtime_config.bandwidth is set, but this plugin cannot limit bandwidth",
      "Remove the bandwidth limit.",
    );
  }
  if (runtime?.ip_ranges.length) {
    throw refused(
      "runtime_config.ip_ranges is set, but ranges come from the plugin's configuration",
      "Set `ranges` there.",
    );
  }
  const netns = request.attachment?.netns ?? "";
  if (netns === "") {
    throw cniError(
      "invalidEnvironment",
      "INVALID_ARGUMENT",
      "attachment.netns is empty",
      "Name the namespace's path.",
    );
  }
  return {
    key: readKey(request.attachment),
    network: request.config?.name ?? "",
    netns,
    mac: runtime?.mac ? readMac(runtime.mac) : undefined,
    wantedAddresses: (runtime?.ips ?? []).map(readAddress),
    hostPorts: (runtime?.port_mappings ?? []).map(readHostPort),
  };
}

const interfaceName = /^[^\s/:]{1,15}$/;

export function readKey(attachment: Attachment__Output | null): AttachmentKey {
  const { container_id: containerId = "", ifname = "" } = attachment ?? {};
  if (containerId === "" || containerId.length > 256) {
    throw cniError(
      "invalidEnvironment",
      "INVALID_ARGUMENT",
      `attachment.container_id has ${containerId.length} characters, not 1 to 256`,
      "Name the container.",
    );
  }
  if (!interfaceName.test(ifname) || ifname === "." || ifname === "..") {
    throw cniError(
      "invalidEnvironment",
      "INVALID_ARGUMENT",
      `attachment.ifname ${JSON.stringify(ifname)} is no interface name`,
      "Use 1 to 15 characters without white space, slash or colon.",
    );
  }
  return { containerId, ifname };
}

export function checkCniVersion(config: NetworkConfig__Output | null): void {
  const version = config?.cni_version ?? "";
  if (version === "" || supportedCniVersions.includes(version)) return;
  throw cniError(
    "invalidConfig",
    "INVALID_ARGUMENT",
    `config.cni_version ${version} is not supported`,
    `Use one of ${supportedCniVersions.join(", ")}.`,
  );
}

function readMac(mac: string): string {
  try {
    if (((encodeMac(mac)[0] ?? 0) & 1) === 0) return mac.toLowerCase();
  } catch (error) {
    throw refused(`runtime_config.mac: ${(error as Error).message}`, "Write it as 02:00:00:00:00:01.", error);
  }
  throw refused(
    `runtime_config.mac ${mac} is a multicast address`,
    "Clear the lowest bit of its first byte.",
  );
}

function readAddress(text: string): string {
  const address = text.split("/")[0] ?? "";
  if (isIP(address) === 0)
    throw refused(`runtime_config.ips: "${text}" is no IP address`, "Write it as 10.88.0.7.");
  return address;
}

function readHostPort(mapping: PortMapping__Output, index: number): HostPort {
  const where = `runtime_config.port_mappings[${index}]`;
  const protocol = (mapping.protocol || "tcp").toLowerCase();
  if (protocol !== "tcp" && protocol !== "udp" && protocol !== "sctp") {
    throw refused(`${where}.protocol "${mapping.protocol}" is not tcp, udp or sctp`, "Correct the protocol.");
  }
  for (const key of ["host_port", "container_port"] as const) {
    if (mapping[key] < 1 || mapping[key] > 65_535) {
      throw refused(`${where}.${key} ${mapping[key]} is not between 1 and 65535`, "Correct the port.");
    }
  }
  const hostIp = mapping.host_ip === "0.0.0.0" || mapping.host_ip === "::" ? "" : mapping.host_ip;
  if (hostIp !== "" && isIP(hostIp) === 0) {
    throw refused(`${where}.host_ip "${mapping.host_ip}" is no IP address`, "Correct it or leave it out.");
  }
  return {
    protocol,
    hostPort: mapping.host_port,
    containerPort: mapping.container_port,
    ...(hostIp === "" ? {} : { hostIp }),
  };
}

function refused(message: string, next: string, cause?: unknown): Error {
  return cniError("unsupportedField", "INVALID_ARGUMENT", message, next, cause);
}
