import { loadContract } from "@berth/proto";
import { type ServiceKey, services, type Verb, verbsOf } from "@berth/verbs";
import type { ContractKind } from "../contracts/plugin-types.ts";

/** What a plugin of each contract serves. */
const servicesByContract: Readonly<Record<ContractKind, readonly ServiceKey[]>> = {
  cri: [services.runtime, services.image, services.archive],
  csi: [services.csiIdentity, services.csiNode, services.csiController, services.csiGroupController],
  cni: [services.network],
  device: [services.device],
};

export interface ContractVerb {
  readonly key: ServiceKey;
  readonly verb: Verb;
}

/** Every verb of a contract, streams included. */
export function contractVerbs(contract: ContractKind): ContractVerb[] {
  return servicesByContract[contract].flatMap((key) =>
    verbsOf(loadContract(key.contract), key.name).map((verb) => ({ key, verb })),
  );
}

/** The verb by its full name, over all contracts; undefined for one that none of them has. */
export function verbByName(name: string): ContractVerb | undefined {
  const kinds = Object.keys(servicesByContract) as ContractKind[];
  return kinds.flatMap(contractVerbs).find(({ verb }) => verb.name === name);
}
