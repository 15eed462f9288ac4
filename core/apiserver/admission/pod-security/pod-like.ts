/** As much of a pod as the Pod Security Standards look at. */
export interface SecuredPod {
  os?: { name?: string };
  hostNetwork?: boolean;
  hostPID?: boolean;
  hostIPC?: boolean;
  /** False with users of its own. */
  hostUsers?: boolean;
  securityContext?: PodContext;
  volumes?: ({ name: string } & Record<string, unknown>)[];
  containers?: SecuredContainer[];
  initContainers?: SecuredContainer[];
  ephemeralContainers?: SecuredContainer[];
}

export interface SharedContext {
  runAsNonRoot?: boolean;
  runAsUser?: number;
  seccompProfile?: { type?: string };
  appArmorProfile?: { type?: string };
  seLinuxOptions?: { type?: string; user?: string; role?: string };
  windowsOptions?: { hostProcess?: boolean };
}

export interface PodContext extends SharedContext {
  sysctls?: { name: string }[];
}

export interface ContainerContext extends SharedContext {
  privileged?: boolean;
  allowPrivilegeEscalation?: boolean;
  procMount?: string;
  capabilities?: { add?: string[]; drop?: string[] };
}

export interface SecuredContainer {
  name: string;
  securityContext?: ContainerContext;
  ports?: { hostPort?: number }[];
  livenessProbe?: Handler;
  readinessProbe?: Handler;
  startupProbe?: Handler;
  lifecycle?: { postStart?: Handler; preStop?: Handler };
}

/** What goes to a host and may be told another one than the pod. */
interface Handler {
  httpGet?: { host?: string };
  tcpSocket?: { host?: string };
}

export function containersOf(pod: SecuredPod): SecuredContainer[] {
  return [...(pod.initContainers ?? []), ...(pod.containers ?? []), ...(pod.ephemeralContainers ?? [])];
}

/** `container "a"`, `containers "a", "b"`. */
export function named(containers: readonly SecuredContainer[]): string {
  const names = containers.map(({ name }) => JSON.stringify(name)).join(", ");
  return `${containers.length === 1 ? "container" : "containers"} ${names}`;
}
