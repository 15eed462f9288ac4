import type {
  EndpointPort,
  LimitRangeItem,
  Namespace,
  Node,
  NodeSpec,
  PersistentVolumeClaimSpec,
  PersistentVolumeSpec,
  Secret,
  Service,
  ServicePort,
  ServiceSpec,
} from "../generated/types.ts";
import { setMember } from "../json/json-value.ts";
import { toBase64 } from "../protobuf/wire-reader.ts";
import { absent, defaulter, type Defaulters } from "./defaulter.ts";

const threeHours = 10_800;
const utf8 = new TextEncoder();

const secret = defaulter<Secret>((target) => {
  target.type ??= "Opaque";
  if (!target.stringData) return;
  const data = (target.data ??= {});
  for (const [key, text] of Object.entries(target.stringData))
    setMember(data, key, toBase64(utf8.encode(text)));
  delete target.stringData;
});

const service = defaulter<ServiceSpec>((spec) => {
  const type = (spec.type ??= "ClusterIP");
  spec.sessionAffinity ??= "None";
  if (spec.sessionAffinity === "None") delete spec.sessionAffinityConfig;
  else {
    const clientIP = ((spec.sessionAffinityConfig ??= {}).clientIP ??= {});
    clientIP.timeoutSeconds ??= threeHours;
  }
  const isOutside = type === "ClusterIP" && (spec.externalIPs?.length ?? 0) > 0;
  if (type === "NodePort" || type === "LoadBalancer" || isOutside) spec.externalTrafficPolicy ??= "Cluster";
  if (type !== "ExternalName") spec.internalTrafficPolicy ??= "Cluster";
  if (type === "LoadBalancer") spec.allocateLoadBalancerNodePorts ??= true;
});

/** An address is the balancer's own unless it says that it is a proxy's. */
const serviceItself = defaulter<Service>(({ status }) => {
  for (const point of status?.loadBalancer?.ingress ?? []) if (point.ip) point.ipMode ??= "VIP";
});

const servicePort = defaulter<ServicePort>((port) => {
  port.protocol ??= "TCP";
  if (port.targetPort === undefined || port.targetPort === "" || port.targetPort === 0)
    port.targetPort = port.port;
});

/** For containers: a limit is also the default, and the default limit also the default request. */
const limits = defaulter<LimitRangeItem>((item) => {
  if (item.type !== "Container") return;
  const fallback = { ...item.max, ...item.default };
  if (Object.keys(fallback).length > 0) item.default = fallback;
  const request = { ...item.min, ...fallback, ...item.defaultRequest };
  if (Object.keys(request).length > 0) item.defaultRequest = request;
});

/** Selectors find a namespace by its name. */
const namespace = defaulter<Namespace>(({ metadata }) => {
  if (metadata.name) metadata.labels = { ...metadata.labels, "kubernetes.io/metadata.name": metadata.name };
});

/** Each of the two tells the other. */
const node = defaulter<NodeSpec>((spec) => {
  if (spec.podCIDR) spec.podCIDRs = [spec.podCIDR, ...(spec.podCIDRs ?? []).slice(1)];
  else if (spec.podCIDRs?.[0]) spec.podCIDR = spec.podCIDRs[0];
});

const nodeItself = defaulter<Node>((target) => {
  const status = (target.status ??= {});
  if (status.capacity && !status.allocatable) status.allocatable = { ...status.capacity };
  status.daemonEndpoints ??= { kubeletEndpoint: { Port: 0 } };
  status.nodeInfo ??= {
    machineID: "",
    systemUUID: "",
    bootID: "",
    kernelVersion: "",
    osImage: "",
    containerRuntimeVersion: "",
    kubeletVersion: "",
    kubeProxyVersion: "",
    operatingSystem: "",
    architecture: "",
  };
});

export const coreDefaults: Defaulters = {
  "core.v1.Namespace": namespace,
  "core.v1.Node": nodeItself,
  "core.v1.NodeSpec": node,
  "core.v1.Secret": secret,
  "core.v1.Service": serviceItself,
  "core.v1.ServiceSpec": service,
  "core.v1.ServicePort": servicePort,
  "core.v1.LimitRangeItem": limits,
  "core.v1.EndpointPort": absent<EndpointPort>({ protocol: "TCP" }),
  "core.v1.PersistentVolumeClaimSpec": absent<PersistentVolumeClaimSpec>({ volumeMode: "Filesystem" }),
  "core.v1.PersistentVolumeSpec": absent<PersistentVolumeSpec>({
    persistentVolumeReclaimPolicy: "Retain",
    volumeMode: "Filesystem",
  }),
};
