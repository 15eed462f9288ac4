export { type EncodedAny, jsonAny, jsonType, parseJsonAny, parseProtoAny, protoAny } from "./any.ts";
export { type ContainerdCallOptions, ContainerdConnection, type PromiseClient } from "./connection.ts";
export { ContainerdClient } from "./containerd-client.ts";
export { ContainerdError, ignoringNotFound, isContainerdError } from "./containerd-error.ts";
export { type Blob, ContentStore, type WriteBlobOptions } from "./content-store.ts";
export { TaskEvents, type TaskEventsListener, type TaskExit } from "./task-events.ts";
export { timestampToNanos } from "./timestamp.ts";
