import type { ContainerConfig } from "@berth/proto/generated/cri/runtime/v1/ContainerConfig.ts";
import type { Mount } from "@berth/proto/generated/cri/runtime/v1/Mount.ts";
import type { Pod } from "../../api/index.ts";
import type { ContainerDevices } from "../../pluginhost/contracts/index.ts";
import { annotations, containerLabels } from "../actual/cri-labels.ts";
import { expandVariables } from "../environment/expand.ts";
import type { PodContainer } from "../pods/pod-containers.ts";
import { containerHash } from "./container-hash.ts";
import { linuxResources } from "./container-resources.ts";
import { containerSecurityContext, type ImageUser } from "./security-context.ts";

export interface ContainerInput {
  readonly pod: Pod;
  readonly container: PodContainer;
  readonly attempt: number;
  /** What the runtime calls the image. */
  readonly imageRef: string;
  readonly environment: ReadonlyMap<string, string>;
  readonly mounts: readonly Mount[];
  readonly devices: readonly ContainerDevices[];
  readonly node: { memoryBytes: number };
  readonly seccompRoot: string;
  /** Whom the image runs as: a number, a name, or nothing. */
  readonly imageUser: ImageUser;
  /** Groups that own volumes of the pod. */
  readonly groups: readonly number[];
  /** Container id whose process namespace an ephemeral container joins. */
  readonly target: string | undefined;
  /** Where the termination message lies on the node. */
  readonly terminationMessageFile: string;
}

/** Everything that the runtime is told of a container. */
export function containerConfig(input: ContainerInput): ContainerConfig {
  const { pod, attempt, environment, devices } = input;
  const { spec } = input.container;
  const expand = (text: string): string => expandVariables(text, (name) => environment.get(name));
  const deviceEnv = devices.flatMap((device) => Object.entries(device.envs));
  return {
    metadata: { name: spec.name, attempt },
    image: { image: input.imageRef, user_specified_image: spec.image ?? "" },
    command: (spec.command ?? []).map(expand),
    args: (spec.args ?? []).map(expand),
    working_dir: spec.workingDir ?? "",
    envs: [...new Map([...environment, ...deviceEnv])].map(([key, value]) => ({
      key,
      value: Buffer.from(value),
    })),
    mounts: [
      ...input.mounts,
      ...devices.flatMap((device) =>
        device.mounts.map((mount) => ({
          container_path: mount.containerPath,
          host_path: mount.hostPath,
          readonly: mount.readOnly,
        })),
      ),
    ],
    devices: devices.flatMap((device) =>
      device.devices.map((node) => ({
        container_path: node.containerPath,
        host_path: node.hostPath,
        permissions: node.permissions,
      })),
    ),
    CDI_devices: devices.flatMap((device) => device.cdiDevices.map((name) => ({ name }))),
    labels: containerLabels(pod, spec.name),
    annotations: {
      ...Object.assign({}, ...devices.map((device) => device.annotations)),
      [annotations.hash]: containerHash(input.container),
      [annotations.restartCount]: String(attempt),
      [annotations.terminationMessagePath]: spec.terminationMessagePath ?? "/dev/termination-log",
      [annotations.terminationMessagePolicy]: spec.terminationMessagePolicy ?? "File",
      [annotations.terminationMessageHostPath]: input.terminationMessageFile,
      [annotations.gracePeriod]: String(pod.spec?.terminationGracePeriodSeconds ?? 30),
    },
    log_path: `${spec.name}/${attempt}.log`,
    stdin: spec.stdin ?? false,
    stdin_once: spec.stdinOnce ?? false,
    tty: spec.tty ?? false,
    linux: {
      resources: linuxResources(pod, spec.resources, input.node),
      security_context: containerSecurityContext(pod, spec, input),
    },
  };
}
