export { contracts, type ContractName } from "./contracts.ts";
export { loadContract } from "./load-contract.ts";
