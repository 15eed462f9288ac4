import type { PullSecret } from "./plugin-types.ts";

/** What the host needs of the API without knowing it: the Secrets that sources name, read with the node's own rights. */
export interface PullSecrets {
  /** Values by key, decoded; undefined when there is no such Secret. Rejects with the sentence why it cannot be read. */
  read(secret: PullSecret): Promise<Readonly<Record<string, string>> | undefined>;
}
