import type { Timer } from "@berth/base";
import type { ConfigMap } from "../../api/index.ts";
import type { WorkQueue } from "../../client/contracts.ts";
import { clientOf, resources } from "../../client/resources.ts";
import { onEveryChange, reconcileQueue, unlessThere } from "../../client/reconcile.ts";
import type { Controller, ControllerParts } from "../shared/controller.ts";

const accountName = "default";
const rootName = "kube-root-ca.crt";
const rootCheckMs = 3_600_000;

/** Gives every namespace the service account `default` and the certificate authority its pods shall trust. */
export class ServiceAccountController implements Controller {
  readonly label = "service account controller";
  readonly #parts: ControllerParts;
  readonly #rootCertificates: () => string;
  readonly #queue: WorkQueue<string>;
  #timer: Timer | undefined;

  /** `rootCertificates` gives PEM text. */
  constructor(parts: ControllerParts, rootCertificates: () => string) {
    this.#parts = parts;
    this.#rootCertificates = rootCertificates;
    this.#queue = reconcileQueue(this.label, parts, (namespace) => this.#reconcile(namespace), {
      parallel: 4,
    });
    const { informers } = parts;
    onEveryChange(informers.namespaces, ({ metadata }, change) => {
      if (change !== "deleted") this.#queue.add(metadata.name);
    });
    onEveryChange(informers.serviceAccounts, ({ metadata }, change) => {
      if (change === "deleted" && metadata.name === accountName) this.#queue.add(metadata.namespace ?? "");
    });
    onEveryChange(informers.rootCertificates, ({ metadata }, change) => {
      if (change !== "added") this.#queue.add(metadata.namespace ?? "");
    });
  }

  start(): void {
    this.#look();
  }

  dispose(): void | Promise<void> {
    this.#timer?.cancel();
    return this.#queue.dispose();
  }

  /** The authority's certificate is renewed while everything runs. */
  #look(): void {
    const { clock, informers } = this.#parts;
    for (const { metadata } of informers.namespaces.list()) this.#queue.add(metadata.name);
    this.#timer = clock.after(rootCheckMs, () => this.#look(), { background: true });
  }

  async #reconcile(namespace: string): Promise<void> {
    const { api, informers } = this.#parts;
    const known = informers.namespaces.get(namespace);
    if (!known || known.metadata.deletionTimestamp) return;
    if (!informers.serviceAccounts.get(accountName, namespace)) {
      const account = {
        apiVersion: "v1",
        kind: "ServiceAccount",
        metadata: { name: accountName, namespace },
      };
      await unlessThere(clientOf(api, resources.serviceAccounts).create(account, { namespace }));
    }
    await this.#publishRoot(namespace);
  }

  async #publishRoot(namespace: string): Promise<void> {
    const { api, informers } = this.#parts;
    const client = clientOf(api, resources.configMaps);
    const data = { "ca.crt": this.#rootCertificates() };
    const known = informers.rootCertificates.get(rootName, namespace);
    if (known?.data?.["ca.crt"] === data["ca.crt"]) return;
    if (known) {
      await client.patch(rootName, "merge", { data }, { namespace });
      return;
    }
    const map: ConfigMap = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: rootName, namespace },
      data,
    };
    await unlessThere(client.create(map, { namespace }));
  }
}
