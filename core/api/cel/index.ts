export { CelCompileError, CelCostError, type CelProblem, CelRuntimeError } from "./cel-error.ts";
export type { ObjectTypes } from "./checker.ts";
export { areEqual } from "./compare.ts";
export { CelEnvironment, CelProgram, WrongResultError } from "./environment.ts";
export { callCostLimit, CelBudget, totalCostLimit } from "./evaluation.ts";
export { fromJson, toJson } from "./json-values.ts";
export {
  type AskAuthorizer,
  type AuthorizerAnswer,
  type AuthorizerQuestion,
  AuthorizerValue,
  ResourceCheck,
} from "./library/authorizers.ts";
export { typeOfKind } from "./kind-types.ts";
export { escapedName, typeOfResource, typeOfSchema } from "./schema-types.ts";
export * from "./types.ts";
export { CelMap, type CelValue, LiteralMap, type MapKey, Optional } from "./values.ts";
