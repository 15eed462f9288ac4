/** As much of a pod as is needed to see what it refers to. */
export interface PodLike {
  metadata?: { name?: string; namespace?: string; annotations?: Record<string, string> };
  spec?: {
    nodeName?: string;
    serviceAccountName?: string;
    imagePullSecrets?: { name?: string }[];
    volumes?: VolumeLike[];
    containers?: ContainerLike[];
    initContainers?: ContainerLike[];
    ephemeralContainers?: ContainerLike[];
  };
}

interface SourceLike {
  secret?: { name?: string };
  configMap?: { name?: string };
  serviceAccountToken?: object;
}

interface VolumeLike {
  name?: string;
  persistentVolumeClaim?: { claimName?: string };
  ephemeral?: object;
  secret?: { secretName?: string };
  configMap?: { name?: string };
  projected?: { sources?: SourceLike[] };
  csi?: { nodePublishSecretRef?: { name?: string } };
}

interface ContainerLike {
  env?: { valueFrom?: { secretKeyRef?: { name?: string }; configMapKeyRef?: { name?: string } } }[];
  envFrom?: { secretRef?: { name?: string }; configMapRef?: { name?: string } }[];
}

export interface PodReferences {
  readonly secrets: ReadonlySet<string>;
  readonly configmaps: ReadonlySet<string>;
  readonly persistentvolumeclaims: ReadonlySet<string>;
}

/** Names of what lies in the pod's own namespace and it cannot start without. */
export function podReferences(pod: PodLike): PodReferences {
  const secrets = new Set<string>();
  const configmaps = new Set<string>();
  const persistentvolumeclaims = new Set<string>();
  const note = (set: Set<string>, name: string | undefined): void => {
    if (name) set.add(name);
  };
  const { spec = {}, metadata } = pod;
  for (const one of spec.imagePullSecrets ?? []) note(secrets, one.name);
  for (const volume of spec.volumes ?? []) {
    note(secrets, volume.secret?.secretName);
    note(configmaps, volume.configMap?.name);
    note(secrets, volume.csi?.nodePublishSecretRef?.name);
    note(persistentvolumeclaims, volume.persistentVolumeClaim?.claimName);
    if (volume.ephemeral) note(persistentvolumeclaims, `${metadata?.name}-${volume.name}`);
    for (const source of volume.projected?.sources ?? []) {
      note(secrets, source.secret?.name);
      note(configmaps, source.configMap?.name);
    }
  }
  const containers = [
    ...(spec.containers ?? []),
    ...(spec.initContainers ?? []),
    ...(spec.ephemeralContainers ?? []),
  ];
  for (const container of containers) {
    for (const { valueFrom } of container.env ?? []) {
      note(secrets, valueFrom?.secretKeyRef?.name);
      note(configmaps, valueFrom?.configMapKeyRef?.name);
    }
    for (const from of container.envFrom ?? []) {
      note(secrets, from.secretRef?.name);
      note(configmaps, from.configMapRef?.name);
    }
  }
  return { secrets, configmaps, persistentvolumeclaims };
}
