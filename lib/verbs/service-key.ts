import type { ContractName } from "@berth/proto";
import type * as archive from "@berth/proto/generated/archive/berth/cri/v1/Archive.ts";
import type * as cni from "@berth/proto/generated/cni/berth/cni/v1/NetworkPlugin.ts";
import type * as criImage from "@berth/proto/generated/cri/runtime/v1/ImageService.ts";
import type * as criRuntime from "@berth/proto/generated/cri/runtime/v1/RuntimeService.ts";
import type * as csiController from "@berth/proto/generated/csi/csi/v1/Controller.ts";
import type * as csiGroup from "@berth/proto/generated/csi/csi/v1/GroupController.ts";
import type * as csiIdentity from "@berth/proto/generated/csi/csi/v1/Identity.ts";
import type * as csiNode from "@berth/proto/generated/csi/csi/v1/Node.ts";
import type * as device from "@berth/proto/generated/deviceplugin/v1beta1/DevicePlugin.ts";
import type * as deviceRegistration from "@berth/proto/generated/deviceplugin/v1beta1/Registration.ts";
import type * as hostEvents from "@berth/proto/generated/host/berth/host/v1/Events.ts";
import type * as hostNetwork from "@berth/proto/generated/host/berth/host/v1/Network.ts";
import type * as hostSecrets from "@berth/proto/generated/host/berth/host/v1/Secrets.ts";
import type * as hostTelemetry from "@berth/proto/generated/host/berth/host/v1/Telemetry.ts";
import type * as plugin from "@berth/proto/generated/plugin/berth/plugin/v1/Plugin.ts";
import type * as registration from "@berth/proto/generated/pluginregistration/pluginregistration/Registration.ts";
import type * as podResources from "@berth/proto/generated/podresources/v1/PodResourcesLister.ts";

declare const types: unique symbol;

/** Names a service of a contract and carries its generated types. */
export interface ServiceKey<Definition = unknown, Handlers = unknown> {
  readonly contract: ContractName;
  /** Full name on the wire: "csi.v1.Node". */
  readonly name: string;
  readonly [types]?: [Definition, Handlers];
}

export function serviceKey<Definition, Handlers>(
  contract: ContractName,
  name: string,
): ServiceKey<Definition, Handlers> {
  return { contract, name };
}

/** Every service that a plugin or the host serves. */
export const services = {
  plugin: serviceKey<plugin.PluginDefinition, plugin.PluginHandlers>("plugin", "berth.plugin.v1.Plugin"),
  hostNetwork: serviceKey<hostNetwork.NetworkDefinition, hostNetwork.NetworkHandlers>(
    "host",
    "berth.host.v1.Network",
  ),
  hostEvents: serviceKey<hostEvents.EventsDefinition, hostEvents.EventsHandlers>(
    "host",
    "berth.host.v1.Events",
  ),
  hostSecrets: serviceKey<hostSecrets.SecretsDefinition, hostSecrets.SecretsHandlers>(
    "host",
    "berth.host.v1.Secrets",
  ),
  hostTelemetry: serviceKey<hostTelemetry.TelemetryDefinition, hostTelemetry.TelemetryHandlers>(
    "host",
    "berth.host.v1.Telemetry",
  ),
  network: serviceKey<cni.NetworkPluginDefinition, cni.NetworkPluginHandlers>(
    "cni",
    "berth.cni.v1.NetworkPlugin",
  ),
  archive: serviceKey<archive.ArchiveDefinition, archive.ArchiveHandlers>("archive", "berth.cri.v1.Archive"),
  runtime: serviceKey<criRuntime.RuntimeServiceDefinition, criRuntime.RuntimeServiceHandlers>(
    "cri",
    "runtime.v1.RuntimeService",
  ),
  image: serviceKey<criImage.ImageServiceDefinition, criImage.ImageServiceHandlers>(
    "cri",
    "runtime.v1.ImageService",
  ),
  csiIdentity: serviceKey<csiIdentity.IdentityDefinition, csiIdentity.IdentityHandlers>(
    "csi",
    "csi.v1.Identity",
  ),
  csiController: serviceKey<csiController.ControllerDefinition, csiController.ControllerHandlers>(
    "csi",
    "csi.v1.Controller",
  ),
  csiGroupController: serviceKey<csiGroup.GroupControllerDefinition, csiGroup.GroupControllerHandlers>(
    "csi",
    "csi.v1.GroupController",
  ),
  csiNode: serviceKey<csiNode.NodeDefinition, csiNode.NodeHandlers>("csi", "csi.v1.Node"),
  device: serviceKey<device.DevicePluginDefinition, device.DevicePluginHandlers>(
    "deviceplugin",
    "v1beta1.DevicePlugin",
  ),
  deviceRegistration: serviceKey<
    deviceRegistration.RegistrationDefinition,
    deviceRegistration.RegistrationHandlers
  >("deviceplugin", "v1beta1.Registration"),
  registration: serviceKey<registration.RegistrationDefinition, registration.RegistrationHandlers>(
    "pluginregistration",
    "pluginregistration.Registration",
  ),
  podResources: serviceKey<
    podResources.PodResourcesListerDefinition,
    podResources.PodResourcesListerHandlers
  >("podresources", "v1.PodResourcesLister"),
} as const;
