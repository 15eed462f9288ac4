/** One wrong field, as kubectl lists them. */
export interface StatusCause {
  reason?: string;
  message: string;
  field?: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

/** The `Status` object of the API. */
export interface Status {
  kind: "Status";
  apiVersion: "v1";
  metadata: { continue?: string };
  status: "Success" | "Failure";
  message?: string;
  reason?: string;
  details?: StatusDetails;
  /** Absent in the answer to a deletion. */
  code?: number;
}

/** Where a sentence needs to name a resource: `pods "web"`, `deployments.apps "web"`. */
export interface ResourceIdentity {
  readonly group: string;
  readonly resource: string;
  readonly kind?: string;
}

/** An answer of 400 and above. What it says is written for the caller; nothing internal belongs in it. */
export class StatusError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: StatusDetails | undefined;
  /** With which a list may go on although it failed. */
  readonly continueToken: string | undefined;

  constructor(
    code: number,
    reason: string,
    message: string,
    details?: StatusDetails,
    continueToken?: string,
  ) {
    super(message);
    this.name = "StatusError";
    this.code = code;
    this.reason = reason;
    this.details = details;
    this.continueToken = continueToken;
  }

  toStatus(): Status {
    return {
      kind: "Status",
      apiVersion: "v1",
      metadata: this.continueToken === undefined ? {} : { continue: this.continueToken },
      status: "Failure",
      message: this.message,
      ...(this.reason === "" ? {} : { reason: this.reason }),
      ...(this.details ? { details: this.details } : {}),
      code: this.code,
    };
  }
}

/** `deployments.apps`, `pods`. */
export function qualifiedResource({ group, resource }: ResourceIdentity): string {
  return group === "" ? resource : `${resource}.${group}`;
}

function details(of: ResourceIdentity, name?: string): StatusDetails {
  return {
    ...(name === undefined ? {} : { name }),
    ...(of.group === "" ? {} : { group: of.group }),
    kind: of.resource,
  };
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, "BadRequest", message);
}

export function unauthorized(message = "Unauthorized"): StatusError {
  return new StatusError(401, "Unauthorized", message);
}

export function forbidden(of: ResourceIdentity, name: string, why: string): StatusError {
  const subject = name === "" ? qualifiedResource(of) : `${qualifiedResource(of)} "${name}"`;
  return new StatusError(403, "Forbidden", `${subject} is forbidden: ${why}`, details(of, name || undefined));
}

export function notFound(of: ResourceIdentity, name: string): StatusError {
  return new StatusError(404, "NotFound", `${qualifiedResource(of)} "${name}" not found`, details(of, name));
}

/** A path that names nothing this server has. */
export function noSuchPath(): StatusError {
  return new StatusError(404, "NotFound", "the server could not find the requested resource", {});
}

/** Told in plain text, as the mux in front of Kubernetes' groups does. */
export class PageNotFound extends StatusError {}

/** A path below which this server has nothing at all. */
export function pageNotFound(): StatusError {
  const { code, reason, message, details } = noSuchPath();
  return new PageNotFound(code, reason, message, details);
}

/** Of mistakes for which upstream has no reason of their own: clients know them by their words alone. */
export function unnamedError(message: string): StatusError {
  return new StatusError(500, "", message);
}

export function methodNotAllowed(what: string, about?: StatusDetails): StatusError {
  return new StatusError(405, "MethodNotAllowed", what, about);
}

/** A method that a path or a kind has no use for. */
export function noSuchMethod(): StatusError {
  const message = "the server does not allow this method on the requested resource";
  return new StatusError(405, "MethodNotAllowed", message, {});
}

export function methodNotSupported(of: ResourceIdentity, verb: string): StatusError {
  const message = `${verb} is not supported on resources of kind "${qualifiedResource(of)}"`;
  return new StatusError(405, "MethodNotAllowed", message, details(of));
}

export function notAcceptable(message: string, about?: StatusDetails): StatusError {
  return new StatusError(406, "NotAcceptable", message, about);
}

export function alreadyExists(of: ResourceIdentity, name: string): StatusError {
  return new StatusError(
    409,
    "AlreadyExists",
    `${qualifiedResource(of)} "${name}" already exists`,
    details(of, name),
  );
}

/** Of what is still there, and goes. */
export function beingDeleted(of: ResourceIdentity, name: string): StatusError {
  const { code, reason, message, details: about } = alreadyExists(of, name);
  return new StatusError(code, reason, `object is being deleted: ${message}`, about);
}

/** Of a name that the server chose, or that came with a beginning to choose from. */
export function generatedNameTaken(of: ResourceIdentity, name: string): StatusError {
  const { code, reason, message, details } = alreadyExists(of, name);
  const why = `${message}, the server was not able to generate a unique name for the object`;
  return new StatusError(code, reason, why, { ...details, retryAfterSeconds: 1 });
}

export function conflict(of: ResourceIdentity, name: string, why: string): StatusError {
  return new StatusError(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${qualifiedResource(of)} "${name}": ${why}`,
    details(of, name),
  );
}

export const modifiedMessage =
  "the object has been modified; please apply your changes to the latest version and try again";

/** @param continueToken where the list may go on all the same */
export function expired(message: string, continueToken?: string): StatusError {
  return new StatusError(410, "Expired", message, undefined, continueToken);
}

export function tooManyHeaders(): StatusError {
  const message = "the headers of the request are larger than this server takes";
  return new StatusError(431, "RequestHeaderFieldsTooLarge", message);
}

export function tooLarge(message: string): StatusError {
  return new StatusError(413, "RequestEntityTooLarge", message);
}

export function unsupportedMediaType(message: string): StatusError {
  return new StatusError(415, "UnsupportedMediaType", message);
}

/** @param causes at least one; the sentence lists them as kubectl users know it */
export function invalid(
  of: ResourceIdentity & { kind: string },
  name: string,
  causes: StatusCause[],
): StatusError {
  const all = causes.map((cause) => (cause.field ? `${cause.field}: ${cause.message}` : cause.message));
  // The sentence tells the same once, the causes as often as it was found.
  const lines = [...new Set(all)];
  const text = lines.length === 1 ? lines[0]! : `[${lines.join(", ")}]`;
  const kind = of.group === "" ? of.kind : `${of.kind}.${of.group}`;
  return new StatusError(422, "Invalid", `${kind} "${name}" is invalid: ${text}`, {
    ...(name === "" ? {} : { name }),
    ...(of.group === "" ? {} : { group: of.group }),
    ...(of.kind === "" ? {} : { kind: of.kind }),
    causes,
  });
}

/** Of a change that does not say which state of the object it is meant for, where its kind demands that. */
export function revisionNeeded({ group, resource }: ResourceIdentity, name: string): StatusError {
  const message = "Invalid value: 0: must be specified for an update";
  const cause = { reason: "FieldValueInvalid", field: "metadata.resourceVersion", message };
  return invalid({ group, resource, kind: resource }, name, [cause]);
}

export function tooManyRequests(message: string, retryAfterSeconds: number): StatusError {
  return new StatusError(429, "TooManyRequests", message, { retryAfterSeconds });
}

export function internalError(message: string): StatusError {
  return new StatusError(500, "InternalError", `Internal error occurred: ${message}`, {
    causes: [{ reason: "", message }],
  });
}

export function serviceUnavailable(message: string): StatusError {
  return new StatusError(503, "ServiceUnavailable", message);
}

export function timedOut(message: string): StatusError {
  return new StatusError(504, "Timeout", message);
}

export function successStatus(of: ResourceIdentity, name: string, uid?: string): Status {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    details: { ...details(of, name), ...(uid === undefined ? {} : { uid }) },
  };
}

export function isStatusError(error: unknown): error is StatusError {
  return error instanceof StatusError;
}
