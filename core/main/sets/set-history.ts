import { BerthError } from "@berth/base";
import type { ControllerRevision } from "../../api/index.ts";
import { type ApiClient, ApiError, clientOf, type TypedResource } from "../../client/index.ts";
import type { SetContent } from "./set-content.ts";

/** Where the revisions lie: nodes read their sets themselves, the history is the operator's. */
const namespace = "kube-system";
const label = "berth.dev/set-history";
const kept = 10;

const revisionsResource: TypedResource<ControllerRevision> = {
  group: "apps",
  version: "v1",
  resource: "controllerrevisions",
  namespaced: true,
};

export interface SetRevision {
  readonly revision: number;
  /** ISO 8601. */
  readonly at: string;
  readonly content: SetContent;
}

const appliedMeanwhile = BerthError.define({
  code: "BERTH_MAIN_SET_RACE",
  grpc: "ABORTED",
  http: 409,
  owner: "operator",
  next: "Look at berth set ls, and repeat the command if it is still what you want.",
});

/** What was applied to this cluster, in apps/v1 ControllerRevisions as workloads keep theirs; the last ten. */
export class SetHistory {
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
  }

  /** Oldest first. */
  async list(): Promise<SetRevision[]> {
    const { items } = await this.#revisions.list({ namespace, labelSelector: label });
    return items
      .map(({ revision, metadata, data }) => ({
        revision,
        at: metadata?.creationTimestamp ?? "",
        content: data as unknown as SetContent,
      }))
      .sort((a, b) => a.revision - b.revision);
  }

  /** Rejects when somebody else has written this revision first. */
  async add(revision: number, content: SetContent): Promise<void> {
    try {
      await this.#revisions.create(
        {
          apiVersion: "apps/v1",
          kind: "ControllerRevision",
          metadata: { name: `pluginset-${revision}`, namespace, labels: { [label]: content.name } },
          data: content as unknown as NonNullable<ControllerRevision["data"]>,
          revision,
        },
        { namespace },
      );
    } catch (error) {
      if (!ApiError.is(error, "AlreadyExists")) throw error;
      throw new BerthError(appliedMeanwhile, `somebody else has applied a set as revision ${revision}`);
    }
    const former = await this.list();
    for (const one of former.slice(0, -kept)) {
      await this.#revisions.delete(`pluginset-${one.revision}`, { namespace });
    }
  }

  get #revisions() {
    return clientOf(this.#client, revisionsResource);
  }
}
