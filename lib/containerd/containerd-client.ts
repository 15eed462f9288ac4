import { randomUUID } from "node:crypto";
import type { Disposable } from "@berth/base";
import type { ContainersDefinition } from "@berth/proto/generated/containerd/containerd/services/containers/v1/Containers.ts";
import type { DiffDefinition } from "@berth/proto/generated/containerd/containerd/services/diff/v1/Diff.ts";
import type { ImagesDefinition } from "@berth/proto/generated/containerd/containerd/services/images/v1/Images.ts";
import type { IntrospectionDefinition } from "@berth/proto/generated/containerd/containerd/services/introspection/v1/Introspection.ts";
import type { LeasesDefinition } from "@berth/proto/generated/containerd/containerd/services/leases/v1/Leases.ts";
import type { NamespacesDefinition } from "@berth/proto/generated/containerd/containerd/services/namespaces/v1/Namespaces.ts";
import type { SnapshotsDefinition } from "@berth/proto/generated/containerd/containerd/services/snapshots/v1/Snapshots.ts";
import type { TasksDefinition } from "@berth/proto/generated/containerd/containerd/services/tasks/v1/Tasks.ts";
import type { VersionDefinition } from "@berth/proto/generated/containerd/containerd/services/version/v1/Version.ts";
import { ContainerdConnection, type PromiseClient } from "./connection.ts";
import { ignoringNotFound, isContainerdError } from "./containerd-error.ts";
import { ContentStore } from "./content-store.ts";

/** containerd's native API, seen through one of its namespaces. */
export class ContainerdClient implements Disposable {
  readonly label: string;
  readonly connection: ContainerdConnection;
  readonly containers: PromiseClient<ContainersDefinition>;
  readonly tasks: PromiseClient<TasksDefinition>;
  readonly snapshots: PromiseClient<SnapshotsDefinition>;
  readonly images: PromiseClient<ImagesDefinition>;
  readonly leases: PromiseClient<LeasesDefinition>;
  readonly diff: PromiseClient<DiffDefinition>;
  readonly namespaces: PromiseClient<NamespacesDefinition>;
  readonly introspection: PromiseClient<IntrospectionDefinition>;
  readonly version: PromiseClient<VersionDefinition>;
  readonly content: ContentStore;

  constructor(options: { endpoint: string; namespace: string; defaultDeadlineMs?: number }) {
    const connection = new ContainerdConnection(options);
    this.connection = connection;
    this.label = connection.label;
    this.containers = connection.service("containerd.services.containers.v1.Containers");
    this.tasks = connection.service("containerd.services.tasks.v1.Tasks");
    this.snapshots = connection.service("containerd.services.snapshots.v1.Snapshots");
    this.images = connection.service("containerd.services.images.v1.Images");
    this.leases = connection.service("containerd.services.leases.v1.Leases");
    this.diff = connection.service("containerd.services.diff.v1.Diff");
    this.namespaces = connection.service("containerd.services.namespaces.v1.Namespaces");
    this.introspection = connection.service("containerd.services.introspection.v1.Introspection");
    this.version = connection.service("containerd.services.version.v1.Version");
    this.content = new ContentStore(connection);
  }

  get namespace(): string {
    return this.connection.namespace;
  }

  /** Makes sure that the namespace of this client exists. */
  async ensureNamespace(labels: Record<string, string> = {}): Promise<void> {
    try {
      await this.namespaces.create({ namespace: { name: this.namespace, labels } });
    } catch (error) {
      if (!isContainerdError(error, "ALREADY_EXISTS")) throw error;
    }
  }

  /**
   * Runs `action` under a lease, so that the garbage collector leaves what it makes alone until it is referenced.
   * When `action` fails, what it made is collected at once. A lease left by a crash ends after `expireMs`.
   */
  async withLease<T>(action: (lease: string) => Promise<T>, expireMs = 24 * 60 * 60 * 1000): Promise<T> {
    const id = `berth-${randomUUID()}`;
    const expires = new Date(Date.now() + expireMs).toISOString();
    await this.leases.create({ id, labels: { "containerd.io/gc.expire": expires } });
    let failed = true;
    try {
      const result = await action(id);
      failed = false;
      return result;
    } finally {
      await ignoringNotFound(this.leases.delete({ id, sync: failed }));
    }
  }

  dispose(): void {
    this.connection.dispose();
  }
}
