import { addersOf, defaultProcMount, eachContainer, plural, quoted, type SecurityRule } from "./baseline.ts";
import { containersOf, named, type SecuredContainer, type SecuredPod } from "./pod-like.ts";

const volumeTypes: ReadonlySet<string> = new Set([
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "image",
  "persistentVolumeClaim",
  "projected",
  "secret",
]);

const allowedCapabilities: ReadonlySet<string> = new Set(["NET_BIND_SERVICE"]);

/** Where there are no such things. */
function isOfWindows({ os }: SecuredPod): boolean {
  return os?.name === "windows";
}

/** What a careful pod does without (Pod Security Standards, level restricted), beside the baseline. */
export const restrictedRules: readonly SecurityRule[] = [
  (pod) =>
    isOfWindows(pod)
      ? undefined
      : eachContainer(
          pod,
          ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false,
          (who) =>
            `allowPrivilegeEscalation != false (${who} must set securityContext.allowPrivilegeEscalation=false)`,
        ),
  (pod) => {
    if (isOfWindows(pod)) return undefined;
    const undropped = eachContainer(
      pod,
      ({ securityContext }) => !(securityContext?.capabilities?.drop ?? []).includes("ALL"),
      (who) => `${who} must set securityContext.capabilities.drop=["ALL"]`,
    );
    const parts = [undropped, addersOf(pod, allowedCapabilities)].filter((part) => part !== undefined);
    return parts.length > 0 ? `unrestricted capabilities (${parts.join("; ")})` : undefined;
  },
  defaultProcMount,
  (pod) => {
    const typesOf = (volume: Record<string, unknown>): string[] =>
      Object.keys(volume).filter((member) => member !== "name" && !volumeTypes.has(member));
    const wrong = (pod.volumes ?? []).filter((volume) => typesOf(volume).length > 0);
    const types = [...new Set(wrong.flatMap(typesOf))].toSorted();
    const names = quoted(wrong.map(({ name }) => name));
    const [volumes, use] = wrong.length === 1 ? ["volume", "uses"] : ["volumes", "use"];
    return wrong.length > 0
      ? `restricted volume types (${volumes} ${names} ${use} restricted volume ${plural("type", types.length)} ${quoted(types)})`
      : undefined;
  },
  (pod) => {
    if (pod.hostUsers === false) return undefined;
    const shared = pod.securityContext?.runAsNonRoot;
    const refusing = containersOf(pod).filter((one) => one.securityContext?.runAsNonRoot === false);
    const who = [...(shared === false ? ["pod"] : []), ...(refusing.length > 0 ? [named(refusing)] : [])];
    if (who.length > 0)
      return `runAsNonRoot != true (${who.join(" and ")} must not set securityContext.runAsNonRoot=false)`;
    const wrong = unless(pod, (one) => one.securityContext?.runAsNonRoot ?? shared);
    return wrong && `runAsNonRoot != true (${wrong} must set securityContext.runAsNonRoot=true)`;
  },
  (pod) => {
    if (pod.hostUsers === false) return undefined;
    const root = containersOf(pod).filter(({ securityContext }) => securityContext?.runAsUser === 0);
    const who = [
      ...(pod.securityContext?.runAsUser === 0 ? ["pod"] : []),
      ...(root.length > 0 ? [named(root)] : []),
    ];
    return who.length > 0 ? `runAsUser=0 (${who.join(" and ")} must not set runAsUser=0)` : undefined;
  },
  (pod) => {
    if (isOfWindows(pod)) return undefined;
    const confined = (type: string | undefined): boolean => type === "RuntimeDefault" || type === "Localhost";
    const shared = pod.securityContext?.seccompProfile?.type;
    const typeOf = (one: SecuredContainer): string | undefined => one.securityContext?.seccompProfile?.type;
    const isOpen = (type: string | undefined): type is string => type !== undefined && !confined(type);
    const open = containersOf(pod).filter((one) => isOpen(typeOf(one)));
    const types = [...new Set([shared, ...open.map(typeOf)].filter(isOpen))].toSorted();
    const who = [...(isOpen(shared) ? ["pod"] : []), ...(open.length > 0 ? [named(open)] : [])];
    if (who.length > 0)
      return `seccompProfile (${who.join(" and ")} must not set securityContext.seccompProfile.type to ${quoted(types)})`;
    const wrong = unless(pod, (one) => confined(typeOf(one) ?? shared));
    return (
      wrong &&
      `seccompProfile (${wrong} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")`
    );
  },
];

/** Either the pod or each of these containers has to say it. */
function unless(
  pod: Parameters<SecurityRule>[0],
  isRight: (container: SecuredContainer) => boolean | undefined,
): string | undefined {
  const wrong = containersOf(pod).filter((one) => isRight(one) !== true);
  return wrong.length > 0 ? `pod or ${named(wrong)}` : undefined;
}
