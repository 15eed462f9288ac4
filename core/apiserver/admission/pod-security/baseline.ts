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

/** Keeps known ways to the node's privileges shut (Pod Security Standards, level baseline). */
export const baselineRules: readonly SecurityRule[] = [
  (pod) => {
    const used = (["hostNetwork", "hostPID", "hostIPC"] as const).filter((name) => pod[name]);
    return used.length > 0 ? `host namespaces (${used.map((name) => `${name}=true`).join(", ")})` : undefined;
  },
  (pod) =>
    eachContainer(
      pod,
      ({ securityContext }) => securityContext?.privileged === true,
      (who) => `privileged (${who} must not set securityContext.privileged=true)`,
    ),
  (pod) => {
    const added = containersOf(pod).flatMap((one) => one.securityContext?.capabilities?.add ?? []);
    const wrong = [...new Set(added.filter((name) => !capabilities.has(name)))];
    const list = wrong.map((name) => JSON.stringify(name)).join(", ");
    return eachContainer(
      pod,
      (one) => (one.securityContext?.capabilities?.add ?? []).some((name) => wrong.includes(name)),
      (who) =>
        `non-default capabilities (${who} must not include ${list} in securityContext.capabilities.add)`,
    );
  },
  (pod) => {
    const volumes = (pod.volumes ?? []).filter((volume) => volume["hostPath"] !== undefined);
    const names = volumes.map(({ name }) => JSON.stringify(name)).join(", ");
    return volumes.length > 0 ? `hostPath volumes (${plural("volume", volumes.length)} ${names})` : undefined;
  },
  (pod) =>
    eachContainer(
      pod,
      ({ ports }) => (ports ?? []).some((port) => (port.hostPort ?? 0) > 0),
      (who) => `hostPort (${who} must not set ports[*].hostPort)`,
    ),
  (pod) =>
    anywhere(
      pod,
      ({ windowsOptions }) => windowsOptions?.hostProcess === true,
      (who) => `hostProcess (${who} must not set securityContext.windowsOptions.hostProcess=true)`,
    ),
  (pod) =>
    anywhere(
      pod,
      ({ seccompProfile }) => seccompProfile?.type === "Unconfined",
      (who) => `seccompProfile (${who} must not set securityContext.seccompProfile.type to "Unconfined")`,
    ),
  (pod) =>
    anywhere(
      pod,
      ({ appArmorProfile }) => appArmorProfile?.type === "Unconfined",
      (who) => `forbidden AppArmor profiles (${who} must not set AppArmor profile type to "Unconfined")`,
    ),
  (pod) =>
    anywhere(
      pod,
      ({ seLinuxOptions: options }) =>
        options !== undefined &&
        (!seLinuxTypes.has(options.type ?? "") || Boolean(options.user) || Boolean(options.role)),
      (who) => `seLinuxOptions (${who} set forbidden securityContext.seLinuxOptions)`,
    ),
  (pod) =>
    eachContainer(
      pod,
      ({ securityContext }) => (securityContext?.procMount ?? "Default") !== "Default",
      (who) => `procMount (${who} must not set securityContext.procMount to "Unmasked")`,
    ),
  (pod) => {
    const wrong = (pod.securityContext?.sysctls ?? []).filter(({ name }) => !sysctls.has(name));
    return wrong.length > 0 ? `forbidden sysctls (${wrong.map(({ name }) => name).join(", ")})` : undefined;
  },
];

export function eachContainer(
  pod: SecuredPod,
  isWrong: (container: SecuredContainer) => boolean,
  say: (who: string) => string,
): string | undefined {
  const wrong = containersOf(pod).filter(isWrong);
  return wrong.length > 0 ? say(named(wrong)) : undefined;
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

function plural(word: string, count: number): string {
  return count === 1 ? word : `${word}s`;
}
