import { BerthError, nearestName } from "@berth/base";
import type { ContractKind } from "../contracts/plugin-types.ts";
import { badCall } from "../errors.ts";
import { type ContractVerb, contractVerbs } from "./contract-verbs.ts";

/** The unary verb that a person means: by its method, or with its service in front. Throws BERTH_PLUGIN_CALL. */
export function findVerb(contract: ContractKind, name: string): ContractVerb {
  const all = contractVerbs(contract);
  const wanted = name.toLowerCase();
  const found = all.filter(({ verb }) => {
    const full = verb.name.toLowerCase();
    return full === wanted || full.endsWith(`/${wanted}`) || full.endsWith(`.${wanted}`);
  });
  const [one, another] = found;
  if (one && another) {
    const names = found.map(({ verb }) => verb.name).join(" and ");
    throw new BerthError(badCall, `verb ${name} is in more than one service: ${names}`);
  }
  if (!one) {
    const near = nearestName(
      name,
      all.map(({ verb }) => verb.method),
    );
    const hint = near === undefined ? `it has ${all.map(({ verb }) => verb.method).join(", ")}` : undefined;
    throw new BerthError(
      badCall,
      `contract ${contract} has no verb ${name}; ${hint ?? `did you mean ${near}?`}`,
    );
  }
  const { requestStream, responseStream } = one.verb.definition;
  if (requestStream || responseStream)
    throw new BerthError(badCall, `${one.verb.name} is a stream; only verbs with one answer can be called`);
  return one;
}
