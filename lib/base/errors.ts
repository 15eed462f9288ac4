/**
 * Who has to act before the same thing succeeds: who runs the nodes, who wrote the plugin, who sends objects and commands
 * to the cluster, or Berth itself, whose fault it is or which tries again.
 */
export type ErrorOwner = "operator" | "plugin author" | "cluster user" | "berth";

/** One row of the catalogue. A row without an owner and a next step is no row. */
export interface ErrorDefinition {
  /** Permanent, never reused: BERTH_<ROOM>_<WHAT>. */
  readonly code: string;
  /** gRPC status name with which it crosses a socket. */
  readonly grpc: string;
  /** HTTP status with which the API answers it. */
  readonly http: number;
  readonly owner: ErrorOwner;
  /** What the owner does next. */
  readonly next: string;
}

const catalogue = new Map<string, ErrorDefinition>();

/** All definitions made so far, by code: the error catalogue of docs/errors.md is generated from it. */
export const errorCatalogue: ReadonlyMap<string, ErrorDefinition> = catalogue;

/** An error that a user sees: what failed and why in `message`, what to do in `definition.next`. */
export class BerthError extends Error {
  readonly definition: ErrorDefinition;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(
    definition: ErrorDefinition,
    message: string,
    options: { cause?: unknown; fields?: Record<string, unknown> } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "BerthError";
    this.definition = definition;
    this.fields = options.fields ?? {};
  }

  get code(): string {
    return this.definition.code;
  }

  /** Adds a row to the catalogue; done once, beside the code that throws it. */
  static define(definition: ErrorDefinition): ErrorDefinition {
    if (catalogue.has(definition.code)) throw new Error(`error code ${definition.code} is defined twice`);
    for (const part of ["owner", "next"] as const)
      if (!definition[part]) throw new Error(`error code ${definition.code} has no ${part}`);
    catalogue.set(definition.code, definition);
    return definition;
  }
}

export function isBerthError(error: unknown, definition?: ErrorDefinition): error is BerthError {
  return error instanceof BerthError && (!definition || error.definition.code === definition.code);
}

/** What failed and what to do next, as one text: where there is room for no more than a message. */
export function withNextStep({ message, definition }: BerthError): string {
  return `${message}${/[.?!]$/.test(message) ? "" : "."} ${definition.next}`;
}

/** The sentence in anything that was thrown, its causes included where they add something. */
export function errorMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause === undefined) return error.message;
  const cause = errorMessage(error.cause);
  return error.message.includes(cause) ? error.message : `${error.message}: ${cause}`;
}
