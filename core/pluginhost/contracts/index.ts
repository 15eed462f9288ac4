export type * from "./plugin-host.ts";
export type * from "./plugin-types.ts";
export { VerbError } from "./verb-error.ts";
