export { contracts, type ContractName } from "./contracts.ts";
export {
  describeContract,
  type DescriptorField,
  type DescriptorMethod,
  type DescriptorNode,
} from "./describe-contract.ts";
export { loadContract } from "./load-contract.ts";
export { breakingChanges, type ContractShape, resolveTypeName, shapeOf } from "./shape.ts";
