export { type Backoff, exponentialBackoff } from "./backoff.ts";
export { type Clock, FakeClock, pause, systemClock, type Timer } from "./clock.ts";
export { type Disposable, DisposableStack, type DisposeReport, toDisposable } from "./disposable.ts";
export {
  BerthError,
  type ErrorDefinition,
  errorCatalogue,
  type ErrorOwner,
  errorMessage,
  isBerthError,
  withNextStep,
} from "./errors.ts";
export { Emitter, type Event } from "./event.ts";
export { type Fields, type Logger, silentLogger } from "./logger.ts";
export { inPlainWords } from "./in-plain-words.ts";
export { nearestName } from "./nearest-name.ts";
export { createToken, type Token } from "./token.ts";
