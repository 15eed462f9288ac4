import {
  containersOf,
  named,
  type SecuredContainer,
  type SecuredPod,
  type SharedContext,
} from "./pod-like.ts";

/** One rule of a level: the sentence of a violation, or undefined. */
export type SecurityRule = (pod: SecuredPod) => string | undefined;

const capabilities: ReadonlySet<string> = new Set(
  "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT".split(
    " ",
  ),
);
const seLinuxTypes: ReadonlySet<string> = new Set([
  "",
  "container_t",
  "container_init_t",
  "container_kvm_t",
  "container_engine_t",
]);
const sysctls: ReadonlySet<string> = new Set([
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ping_group_range",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_wmem",
]);

/** Of probes that stay in the pod. */
const ownHosts: ReadonlySet<string> = new Set(["127.0.0.1", "::1", "localhost"]);

const appArmor: SecurityRule = (pod) =>
  anywhere(
    pod,
    ({ appArmorProfile }) => appArmorProfile?.type === "Unconfined",
    (who) => `forbidden AppArmor profile (${who} must not set AppArmor profile type to "Unconfined")`,
  );

const defaultCapabilities: SecurityRule = (pod) => {
  const who = addersOf(pod, capabilities);
  return who && `non-default capabilities (${who})`;
};

const hostNamespaces: SecurityRule = (pod) => {
  const used = (["hostNetwork", "hostPID", "hostIPC"] as const).filter((name) => pod[name]);
  return used.length > 0 ? `host namespaces (${used.map((name) => `${name}=true`).join(", ")})` : undefined;
};

const hostPath: SecurityRule = (pod) => {
  const volumes = (pod.volumes ?? []).filter((volume) => volume["hostPath"] !== undefined);
  const names = quoted(volumes.map(({ name }) => name));
  return volumes.length > 0 ? `hostPath volumes (${plural("volume", volumes.length)} ${names})` : undefined;
};

const hostPorts: SecurityRule = (pod) => {
  const portsOf = ({ ports = [] }: SecuredContainer): number[] =>
    ports.flatMap(({ hostPort }) => hostPort || []);
  const all = [...new Set(containersOf(pod).flatMap(portsOf))].map(String).toSorted();
  return eachContainer(
    pod,
    (one) => portsOf(one).length > 0,
    (who, count) =>
      `hostPort (${who} ${count === 1 ? "uses" : "use"} ${plural("hostPort", all.length)} ${all.join(", ")})`,
  );
};

const probeHosts: SecurityRule = (pod) => {
  const all = [...new Set(containersOf(pod).flatMap(hostsOf))].toSorted();
  return eachContainer(
    pod,
    (one) => hostsOf(one).length > 0,
    (who, count) =>
      `probe or lifecycle host (${who} ${count === 1 ? "uses" : "use"} probe or lifecycle ${plural("host", all.length)} ${quoted(all)})`,
  );
};

const privileged: SecurityRule = (pod) =>
  eachContainer(
    pod,
    ({ securityContext }) => securityContext?.privileged === true,
    (who) => `privileged (${who} must not set securityContext.privileged=true)`,
  );

export const defaultProcMount: SecurityRule = (pod) => {
  const isOther = (type: string | undefined): boolean => (type ?? "Default") !== "Default";
  const types = containersOf(pod).flatMap(({ securityContext }) => securityContext?.procMount ?? []);
  const wrong = [...new Set(types.filter(isOther))].toSorted();
  return eachContainer(
    pod,
    ({ securityContext }) => isOther(securityContext?.procMount),
    (who) => `procMount (${who} must not set securityContext.procMount to ${quoted(wrong)})`,
  );
};

/** Who is root in a namespace of his own is nobody on the node. */
const procMount: SecurityRule = (pod) => (pod.hostUsers === false ? undefined : defaultProcMount(pod));

const seLinux: SecurityRule = (pod) => {
  const every = [pod, ...containersOf(pod)].flatMap(
    ({ securityContext }) => securityContext?.seLinuxOptions ?? [],
  );
  const types = [...new Set(every.map(({ type = "" }) => type).filter((type) => !seLinuxTypes.has(type)))];
  const parts = [
    ...(types.length > 0 ? [`${plural("type", types.length)} ${quoted(types.toSorted())}`] : []),
    ...(every.some(({ user }) => user) ? ["user may not be set"] : []),
    ...(every.some(({ role }) => role) ? ["role may not be set"] : []),
  ];
  return anywhere(
    pod,
    ({ seLinuxOptions: options }) =>
      options !== undefined &&
      (!seLinuxTypes.has(options.type ?? "") || Boolean(options.user) || Boolean(options.role)),
    (who) => `seLinuxOptions (${who} set forbidden securityContext.seLinuxOptions: ${parts.join("; ")})`,
  );
};

const seccomp: SecurityRule = (pod) =>
  anywhere(
    pod,
    ({ seccompProfile }) => seccompProfile?.type === "Unconfined",
    (who) => `seccompProfile (${who} must not set securityContext.seccompProfile.type to "Unconfined")`,
  );

const safeSysctls: SecurityRule = (pod) => {
  const wrong = (pod.securityContext?.sysctls ?? []).filter(({ name }) => !sysctls.has(name));
  return wrong.length > 0 ? `forbidden sysctls (${wrong.map(({ name }) => name).join(", ")})` : undefined;
};

const hostProcess: SecurityRule = (pod) =>
  anywhere(
    pod,
    ({ windowsOptions }) => windowsOptions?.hostProcess === true,
    (who) => `hostProcess (${who} must not set securityContext.windowsOptions.hostProcess=true)`,
  );

/** Keeps known ways to the node's privileges shut (Pod Security Standards, level baseline), in the order of upstream's names. */
export const baselineRules: readonly SecurityRule[] = [
  appArmor,
  defaultCapabilities,
  hostNamespaces,
  hostPath,
  hostPorts,
  probeHosts,
  privileged,
  procMount,
  seLinux,
  seccomp,
  safeSysctls,
  hostProcess,
];

/** In whose place the level restricted has stricter ones. */
export const refinedRules: ReadonlySet<SecurityRule> = new Set([
  defaultCapabilities,
  hostPath,
  procMount,
  seccomp,
]);

function hostsOf({ livenessProbe, readinessProbe, startupProbe, lifecycle }: SecuredContainer): string[] {
  const handlers = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop];
  const hosts = handlers.flatMap((one) => [one?.httpGet?.host, one?.tcpSocket?.host]);
  return hosts.filter((host) => host !== undefined && host !== "" && !ownHosts.has(host)) as string[];
}

/** Who adds what is not among these, and what. */
export function addersOf(pod: SecuredPod, allowed: ReadonlySet<string>): string | undefined {
  const addedBy = (one: SecuredContainer): string[] =>
    (one.securityContext?.capabilities?.add ?? []).filter((name) => !allowed.has(name));
  const wrong = [...new Set(containersOf(pod).flatMap(addedBy))].toSorted();
  return eachContainer(
    pod,
    (one) => addedBy(one).length > 0,
    (who) => `${who} must not include ${quoted(wrong)} in securityContext.capabilities.add`,
  );
}

export function eachContainer(
  pod: SecuredPod,
  isWrong: (container: SecuredContainer) => boolean,
  say: (who: string, count: number) => string,
): string | undefined {
  const wrong = containersOf(pod).filter(isWrong);
  return wrong.length > 0 ? say(named(wrong), wrong.length) : undefined;
}

function anywhere(
  pod: SecuredPod,
  isWrong: (context: SharedContext) => boolean,
  say: (who: string) => string,
): string | undefined {
  const wrong = containersOf(pod).filter(({ securityContext }) => isWrong(securityContext ?? {}));
  const who = [
    ...(isWrong(pod.securityContext ?? {}) ? ["pod"] : []),
    ...(wrong.length > 0 ? [named(wrong)] : []),
  ];
  return who.length > 0 ? say(who.join(" and ")) : undefined;
}

export function quoted(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(", ");
}

export function plural(word: string, count: number): string {
  return count === 1 ? word : `${word}s`;
}
