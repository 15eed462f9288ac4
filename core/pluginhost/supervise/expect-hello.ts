import { BerthError } from "@berth/base";
import { listDescendants } from "@berth/linux";
import type { PluginHello } from "@berth/verbs";
import { handshakeRefused } from "../errors.ts";
import { chooseVersions } from "../launch/choose-versions.ts";
import type { Handshake } from "../launch/handshake-server.ts";
import type { InstanceParts } from "./instance-parts.ts";
import type { ProcessRecord } from "./process-record.ts";

/** How one process was met, or is to be. */
export interface Greeting {
  /** The first handshake, or the renewed one of an adopted process. Rejects with the sentence of a refusal. */
  readonly handshake: Promise<Handshake>;
  /** It is not let in any more. */
  readonly unexpect: () => void;
}

/** From now on the process with this token is let in, or one that it started; `ownPid` is asked when somebody comes. */
export function expectHello(
  parts: InstanceParts,
  { plan, incarnation, tokenHash }: Pick<ProcessRecord, "plan" | "incarnation" | "tokenHash">,
  ownPid: () => number | undefined,
): Greeting {
  const answer = Promise.withResolvers<Handshake>();
  // A program without the SDK says no hello, and one that ends before it is asked about it ends for another reason.
  answer.promise.catch(() => {});
  const isOwn = (pid: number): boolean => {
    const own = ownPid();
    return own !== undefined && (pid === own || listDescendants(own).some((process) => process.pid === pid));
  };
  const unexpect = parts.handshakes.expect(incarnation, {
    instance: parts.instance,
    tokenHash,
    isOwn,
    choose: (hello: PluginHello) => chooseVersions(hello.contracts, plan.manifest.contract),
    accepted: answer.resolve,
    refused: (reason) =>
      answer.reject(new BerthError(handshakeRefused, `the handshake was refused: ${reason}`)),
  });
  return { handshake: answer.promise, unexpect };
}
