import type { Clock, Logger } from "@berth/base";
import { BerthError, errorMessage } from "@berth/base";
import type { DescribeResponse__Output } from "@berth/proto/generated/plugin/berth/plugin/v1/DescribeResponse.ts";
import { isRpcError, services, toStruct } from "@berth/verbs";
import type { StillValid } from "../capabilities/contract-adapter.ts";
import { handshakeRefused, startFailed, startHung } from "../errors.ts";
import { compareDescription } from "./compare-description.ts";
import type { Incarnation } from "./incarnation.ts";

/** From a broken connection to the end of its process, if it ends. */
const endPatienceMs = 2000;

/** What an incarnation said about itself while it was introduced. */
export interface Introduction {
  readonly contractVersions: Readonly<Record<string, string>>;
  readonly facts: Readonly<Record<string, string>>;
  readonly verbs: ReadonlySet<string> | undefined;
  readonly simulated: boolean;
  readonly warnings: readonly string[];
}

/** Steps 3–5 of a session, up to the point where the plugin may write: hello, describe, configure. */
export async function introduce(
  incarnation: Incarnation,
  options: { clock: Clock; logger: Logger; budgetMs: number; configGeneration: number },
): Promise<Introduction> {
  const { manifest } = incarnation.plan;
  const budget = new Deadline(incarnation, options.clock, options.budgetMs);
  if (!manifest.sdk) {
    await budget.within("serve on its socket", incarnation.connection.ready(options.budgetMs));
    return {
      contractVersions: firstVersions(manifest.contractVersions),
      facts: {},
      verbs: undefined,
      simulated: false,
      warnings: [],
    };
  }
  const handshake = await budget.within("say hello", incarnation.handshake());
  const client = incarnation.connection.client(services.plugin);
  const description = await budget.within("describe itself", client.describe({}));
  const { problems, warnings } = compareDescription(manifest, description);
  if (problems.length > 0) throw new BerthError(handshakeRefused, problems.join("; "));
  const config = toStruct(incarnation.plan.config);
  const request = { config, generation: String(options.configGeneration), dry_run: false };
  const configured = await budget.within("take its configuration", client.configure(request));
  for (const warning of [...warnings, ...configured.warnings]) options.logger.warn(warning);
  return introduction(description, handshake.chosen, [...warnings, ...configured.warnings]);
}

/** Tells the plugin what the node still believes in, after which it may write, and asks what it is then. */
export async function activate(
  incarnation: Incarnation,
  introduced: Introduction,
  known: { stillValid: readonly StillValid[]; authoritative: boolean },
): Promise<Introduction> {
  if (!incarnation.plan.manifest.sdk) return introduced;
  const client = incarnation.connection.client(services.plugin);
  await client.synchronize({
    still_valid: known.stillValid.map(({ kind, id, context }) => ({ kind, id, context: { ...context } })),
    authoritative: known.authoritative,
  });
  const description = await client.describe({});
  return introduction(description, introduced.contractVersions, introduced.warnings);
}

function introduction(
  description: DescribeResponse__Output,
  contractVersions: Readonly<Record<string, string>>,
  warnings: readonly string[],
): Introduction {
  const { facts, verbs, simulated } = description;
  return { contractVersions, facts, verbs: new Set(verbs), simulated, warnings };
}

function firstVersions(versions: Readonly<Record<string, readonly string[]>>): Record<string, string> {
  return Object.fromEntries(Object.entries(versions).map(([name, [first]]) => [name, first ?? ""]));
}

/** One budget for all steps of a start; a step that does not come in it is named with what is known by then. */
class Deadline {
  readonly #incarnation: Incarnation;
  readonly #clock: Clock;
  readonly #budgetMs: number;
  readonly #end: number;

  constructor(incarnation: Incarnation, clock: Clock, budgetMs: number) {
    this.#incarnation = incarnation;
    this.#clock = clock;
    this.#budgetMs = budgetMs;
    this.#end = clock.monotonic() + budgetMs;
  }

  async within<T>(step: string, work: Promise<T>): Promise<T> {
    const over = new AbortController();
    const late = this.#clock.sleep(Math.max(0, this.#end - this.#clock.monotonic()), over.signal).then(() => {
      throw new BerthError(
        startHung,
        `it did not ${step} within its start budget of ${this.#budgetMs / 1000} s`,
      );
    });
    const ended = this.#incarnation.ended.then((cause) => {
      throw new BerthError(startFailed, `it ended before it could ${step}: ${cause.message}`);
    });
    try {
      return await Promise.race([work, late, ended]);
    } catch (error) {
      if (error instanceof BerthError) throw error;
      // A connection that breaks is often the first that is seen of an end; that one knows why.
      if (isRpcError(error) && error.code === "UNAVAILABLE")
        await Promise.race([ended, this.#clock.sleep(endPatienceMs, over.signal)]);
      throw new BerthError(startFailed, `it did not ${step}: ${errorMessage(error)}`, { cause: error });
    } finally {
      over.abort();
    }
  }
}
