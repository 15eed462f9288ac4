import { eachContainer, type SecurityRule } from "./baseline.ts";
import { containersOf, named, type SecuredContainer } from "./pod-like.ts";

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

/** What a careful pod does without (Pod Security Standards, level restricted), beside the baseline. */
export const restrictedRules: readonly SecurityRule[] = [
  (pod) => {
    const wrong = (pod.volumes ?? []).filter((volume) =>
      Object.keys(volume).some((member) => member !== "name" && !volumeTypes.has(member)),
    );
    const list = wrong.map(({ name }) => JSON.stringify(name)).join(", ");
    return wrong.length > 0 ? `restricted volume types (volumes ${list})` : undefined;
  },
  (pod) =>
    eachContainer(
      pod,
      ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false,
      (who) =>
        `allowPrivilegeEscalation != false (${who} must set securityContext.allowPrivilegeEscalation=false)`,
    ),
  (pod) => {
    const undropped = containersOf(pod).filter(
      ({ securityContext }) => !(securityContext?.capabilities?.drop ?? []).includes("ALL"),
    );
    const adding = containersOf(pod).filter(({ securityContext }) =>
      (securityContext?.capabilities?.add ?? []).some((name) => name !== "NET_BIND_SERVICE"),
    );
    const parts = [
      ...(undropped.length > 0
        ? [`${named(undropped)} must set securityContext.capabilities.drop=["ALL"]`]
        : []),
      ...(adding.length > 0
        ? [
            `${named(adding)} must not include anything but "NET_BIND_SERVICE" in securityContext.capabilities.add`,
          ]
        : []),
    ];
    return parts.length > 0 ? `unrestricted capabilities (${parts.join("; ")})` : undefined;
  },
  (pod) => {
    const shared = pod.securityContext?.runAsNonRoot;
    const wrong = unless(pod, (one) => one.securityContext?.runAsNonRoot ?? shared);
    return wrong && `runAsNonRoot != true (${wrong} must set securityContext.runAsNonRoot=true)`;
  },
  (pod) => {
    const root = containersOf(pod).filter(({ securityContext }) => securityContext?.runAsUser === 0);
    const who = [
      ...(pod.securityContext?.runAsUser === 0 ? ["pod"] : []),
      ...(root.length > 0 ? [named(root)] : []),
    ];
    return who.length > 0 ? `runAsUser=0 (${who.join(" and ")} must not set runAsUser=0)` : undefined;
  },
  (pod) => {
    const confined = (type: string | undefined): boolean => type === "RuntimeDefault" || type === "Localhost";
    const shared = pod.securityContext?.seccompProfile?.type;
    const wrong = unless(pod, (one) => confined(one.securityContext?.seccompProfile?.type ?? shared));
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
