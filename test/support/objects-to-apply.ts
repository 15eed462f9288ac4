/** What a user would write in files for `kubectl apply`, in the namespace `default`. */

/** The class `hostpath`, by the shipped driver, and the RuntimeClass `gvisor`. */
export const classes: readonly object[] = [
  {
    apiVersion: "storage.k8s.io/v1",
    kind: "StorageClass",
    metadata: { name: "hostpath" },
    provisioner: "hostpath.csi.berth.dev",
  },
  { apiVersion: "node.k8s.io/v1", kind: "RuntimeClass", metadata: { name: "gvisor" }, handler: "gvisor" },
];

/** Of 16 MiB. */
export const claim = (name: string): object => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name, namespace: "default" },
  spec: {
    storageClassName: "hostpath",
    accessModes: ["ReadWriteOnce"],
    resources: { requests: { storage: "16Mi" } },
  },
});

/** A pod that lasts an hour; each of `volumes`, sources by name, is mounted at /NAME. */
export const pod = (name: string, volumes: Readonly<Record<string, object>>, spec: object): object => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, namespace: "default" },
  spec: {
    containers: [
      {
        name: "main",
        image: "berth.dev/hello:1",
        command: ["sh", "-c", "sleep 3600"],
        volumeMounts: Object.keys(volumes).map((one) => ({ name: one, mountPath: `/${one}` })),
      },
    ],
    volumes: Object.entries(volumes).map(([one, source]) => ({ name: one, ...source })),
    ...spec,
  },
});

export const claimed = (claimName: string): object => ({ persistentVolumeClaim: { claimName } });
