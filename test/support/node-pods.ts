import type { PersistentVolumeClaim, Pod } from "../../core/api/index.ts";
import { type ApiClient, clientOf, resources, waitFor } from "../../core/client/index.ts";

const scope = { namespace: "default" };
const ceiling = () => AbortSignal.timeout(120_000);

/** What a test asks of a pod of the example image; its end takes two seconds at most. */
export interface PodWish {
  /** Shell script; the pod goes on after it until it is told to end. */
  readonly script?: string;
  /** Mounted at /data: the claim of this name, or an emptyDir. */
  readonly data?: { readonly claim: string } | "emptyDir";
}

/** Pods and claims of the namespace `default` on a node that really runs them. */
export class NodePods {
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
  }

  get pods() {
    return clientOf(this.#client, resources.pods);
  }

  get claims() {
    return clientOf(this.#client, resources.claims);
  }

  /** The class `hostpath`, by the shipped driver. */
  async makeClass(): Promise<void> {
    await clientOf(this.#client, resources.storageClasses).create({
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "hostpath" },
      provisioner: "hostpath.csi.berth.dev",
    });
  }

  /** Of 16 MiB; without a class it gets that of the set in force. */
  async makeClaim(name: string, storageClassName?: string): Promise<PersistentVolumeClaim> {
    const spec = {
      ...(storageClassName !== undefined && { storageClassName }),
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "16Mi" } },
    };
    const metadata = { name, namespace: "default" };
    return this.claims.create({ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata, spec }, scope);
  }

  /** Resolves when it is Ready; its label `app` is its name. */
  async start(name: string, { script = "true", data }: PodWish = {}): Promise<Pod> {
    const command = `trap 'exit 0' TERM; ${script}; while :; do sleep 1 & wait $!; done`;
    const volume = data === "emptyDir" ? { emptyDir: {} } : { persistentVolumeClaim: claimOf(data) };
    await this.pods.create(
      {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name, namespace: "default", labels: { app: name } },
        spec: {
          terminationGracePeriodSeconds: 2,
          containers: [
            {
              name: "main",
              image: "berth.dev/hello:1",
              command: ["sh", "-c", command],
              ...(data && { volumeMounts: [{ name: "data", mountPath: "/data" }] }),
            },
          ],
          ...(data && { volumes: [{ name: "data", ...volume }] }),
        },
      },
      scope,
    );
    return this.ready(name);
  }

  async ready(name: string): Promise<Pod> {
    const isReady = (pod: Pod | undefined): boolean =>
      pod?.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
    return (await waitFor(this.pods, name, isReady, { ...scope, signal: ceiling() }))!;
  }

  /** Deletes it, and resolves when it has gone. */
  async gone(name: string): Promise<void> {
    await this.pods.delete(name, scope);
    await waitFor(this.pods, name, (pod) => pod === undefined, { ...scope, signal: ceiling() });
  }
}

const claimOf = (data: { readonly claim: string } | undefined) => ({ claimName: data?.claim ?? "" });

/** Of a pod's containers: it must not change for a pod that is left alone. */
export const traceOf = ({ status }: Pod) =>
  status?.containerStatuses?.map(({ containerID, restartCount }) => `${containerID} ${restartCount}`);
