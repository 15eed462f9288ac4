import { type Clock, createToken, type Disposable, type Logger, type Token } from "@berth/base";
import type { ApiClient } from "./contracts.ts";
import { LeaderElection } from "./leader-election.ts";

/** Something that works from its start until it is disposed of. */
export interface Part extends Disposable {
  start(): Promise<void>;
}

/** Sees to it that of certain parts only one in the cluster is at work. */
export interface Elections {
  /** @param name of the Lease in kube-system @param client of the user who may write it */
  elect(name: string, client: ApiClient, make: () => Part): Part;
}

export const Elections: Token<Elections> = createToken<Elections>("client.elections");

/** Where no other process can be at work: every part simply runs. */
export const soleCandidate: Elections = { elect: (_name, _client, make) => make() };

/** Where others may be at work: a part runs while this process holds its Lease, made anew each time it is taken. */
export function leaseElections(options: {
  /** Tells this process from all others. */
  readonly identity: string;
  readonly clock: Clock;
  readonly logger: Logger;
}): Elections {
  const elect = (name: string, client: ApiClient, make: () => Part): Part => {
    const election = new LeaderElection({
      ...options,
      client,
      namespace: "kube-system",
      name,
      async lead(signal) {
        const part = make();
        try {
          await part.start();
          await aborted(signal);
        } finally {
          await part.dispose();
        }
      },
    });
    return {
      label: election.label,
      async start() {
        election.start();
      },
      dispose: () => election.dispose(),
    };
  };
  return { elect };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
