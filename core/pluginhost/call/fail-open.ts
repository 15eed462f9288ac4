import { BerthError, nearestName } from "@berth/base";
import type { ContractKind } from "../contracts/plugin-types.ts";
import { badConfig } from "../errors.ts";
import { contractVerbs } from "../tools/contract-verbs.ts";

/**
 * The verbs, by their full names, that an operator wants to fail open. Throws {@link badConfig} for one that the contract
 * has not, or whose empty answer would be taken for something done.
 */
export function failOpenVerbs(contract: ContractKind, names: readonly string[] = []): Set<string> {
  const verbs = contractVerbs(contract).map(({ verb }) => verb);
  const allowed = verbs.filter(({ options }) => options.mayFailOpen).map(({ method }) => method);
  return new Set(
    names.map((name) => {
      const verb = verbs.find(({ method }) => method === name);
      if (verb?.options.mayFailOpen) return verb.name;
      const near = nearestName(name, verb ? [] : verbs.map(({ method }) => method));
      const why = verb
        ? `${name} cannot: an empty answer would be taken for something done`
        : `contract ${contract} has no verb ${name}${near ? `; did you mean ${near}?` : ""}`;
      const may = allowed.length > 0 ? `${allowed.join(", ")} may` : `no verb of ${contract} may`;
      throw new BerthError(badConfig, `spec.failOpen: ${why} (${may})`);
    }),
  );
}
