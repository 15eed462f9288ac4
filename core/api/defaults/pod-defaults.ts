import type {
  Container,
  ContainerPort,
  HTTPGetAction,
  ImageVolumeSource,
  Pod,
  PodSpec,
  Probe,
  ProjectedVolumeSource,
  ResourceRequirements,
  SecretVolumeSource,
  ServiceAccountTokenProjection,
  Volume,
} from "../generated/types.ts";
import { roundedToMilli } from "../quantity/quantity.ts";
import { ownMember, setMember } from "../json/json-value.ts";
import { absent, defaulter, type Defaulters } from "./defaulter.ts";
import { alignAddresses } from "./pod-addresses.ts";

/** Permission bits of files made from API objects: 0644. */
const fileMode = 0o644;

const volumeFiles = absent<SecretVolumeSource>({ defaultMode: fileMode });
const container = defaulter<Container>((target) => {
  if (target.image) target.imagePullPolicy ??= isMoving(target.image) ? "Always" : "IfNotPresent";
  target.terminationMessagePath ??= "/dev/termination-log";
  target.terminationMessagePolicy ??= "File";
  target.resources ??= {};
});

const reference =
  /^(?:(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(?::\d+)?\/)?[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::\w[\w.-]*)?$/;

/** Whether the image's reference may mean another image tomorrow: tag `latest`, or no tag and no digest. */
function isMoving(image: string): boolean {
  if (!reference.test(image)) return false;
  const name = image.slice(image.lastIndexOf("/") + 1);
  const tag = name.includes(":") ? name.slice(name.indexOf(":") + 1) : "latest";
  return tag === "latest";
}

const podSpec = defaulter<PodSpec>((spec) => {
  if (spec.serviceAccountName) spec.serviceAccount = spec.serviceAccountName;
  else if (spec.serviceAccount) spec.serviceAccountName = spec.serviceAccount;
  spec.restartPolicy ??= "Always";
  spec.dnsPolicy ??= "ClusterFirst";
  spec.terminationGracePeriodSeconds ??= 30;
  spec.securityContext ??= {};
  spec.schedulerName ??= "default-scheduler";
  roundAmounts(spec.overhead);
  if (!spec.hostNetwork) return;
  for (const { ports } of [...(spec.containers ?? []), ...(spec.initContainers ?? [])])
    ports?.forEach(openOnHost);
});

function openOnHost(port: ContainerPort): void {
  port.hostPort ??= port.containerPort;
}

/** What a pod has and a pod template has not. */
const pod = defaulter<Pod>(({ spec, status }) => {
  if (status) alignAddresses(status);
  if (!spec) return;
  spec.enableServiceLinks ??= true;
  for (const one of [...(spec.containers ?? []), ...(spec.initContainers ?? [])])
    requestLimits(one.resources);
  requestLimits(spec.resources, isOfPods);
});

function requestLimits(
  resources: ResourceRequirements | undefined,
  isMeant: (name: string) => boolean = () => true,
): void {
  if (!resources?.limits) return;
  const requests = resources.requests ?? {};
  for (const [name, amount] of Object.entries(resources.limits))
    if (isMeant(name) && ownMember(requests, name) === undefined) setMember(requests, name, amount);
  if (resources.requests || Object.keys(requests).length > 0) resources.requests = requests;
}

/** What can be given to the containers of a pod together. */
const isOfPods = (name: string): boolean =>
  name === "cpu" || name === "memory" || name.startsWith("hugepages-");

/** Finer amounts than thousandths are rounded up. */
function roundAmounts(amounts: Record<string, string> | undefined): void {
  for (const [name, amount] of Object.entries(amounts ?? {}))
    if (/[nu]$|[.eE]/.test(amount)) setMember(amounts!, name, roundedToMilli(amount));
}

const volume = defaulter<Volume>((target) => {
  if (Object.keys(target).every((member) => member === "name")) target.emptyDir = {};
});

export const podDefaults: Defaulters = {
  "core.v1.Pod": pod,
  "core.v1.PodSpec": podSpec,
  "core.v1.Container": container,
  "core.v1.EphemeralContainer": container,
  "core.v1.Probe": defaulter<Probe>((probe) => {
    probe.timeoutSeconds ||= 1;
    probe.periodSeconds ||= 10;
    probe.successThreshold ||= 1;
    probe.failureThreshold ||= 3;
  }),
  "core.v1.HTTPGetAction": absent<HTTPGetAction>({ path: "/", scheme: "HTTP" }),
  "core.v1.ResourceRequirements": defaulter<ResourceRequirements>(({ limits, requests }) => {
    roundAmounts(limits);
    roundAmounts(requests);
  }),
  "core.v1.VolumeResourceRequirements": defaulter<ResourceRequirements>(({ limits, requests }) => {
    roundAmounts(limits);
    roundAmounts(requests);
  }),
  "core.v1.GRPCAction": absent({ service: "" }),
  "core.v1.ObjectFieldSelector": absent({ apiVersion: "v1" }),
  "core.v1.Volume": volume,
  "core.v1.ImageVolumeSource": defaulter<ImageVolumeSource>((image) => {
    if (image.reference) image.pullPolicy ??= isMoving(image.reference) ? "Always" : "IfNotPresent";
  }),
  "core.v1.SecretVolumeSource": volumeFiles,
  "core.v1.ConfigMapVolumeSource": volumeFiles,
  "core.v1.DownwardAPIVolumeSource": volumeFiles,
  "core.v1.ProjectedVolumeSource": absent<ProjectedVolumeSource>({ defaultMode: fileMode }),
  "core.v1.ServiceAccountTokenProjection": absent<ServiceAccountTokenProjection>({ expirationSeconds: 3600 }),
  "core.v1.HostPathVolumeSource": absent({ type: "" }),
};
