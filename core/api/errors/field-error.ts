import type { FieldPath } from "./field-path.ts";

export type FieldErrorReason =
  | "FieldValueRequired"
  | "FieldValueInvalid"
  | "FieldValueNotSupported"
  | "FieldValueDuplicate"
  | "FieldValueForbidden"
  | "FieldValueNotFound"
  | "FieldValueTooLong"
  | "FieldValueTooMany"
  | "FieldValueTypeInvalid";

/** One thing wrong with one field. `message` is the sentence after the field's path. */
export interface FieldError {
  readonly field: string;
  readonly reason: FieldErrorReason;
  readonly message: string;
}

/** `spec.replicas: Invalid value: -1: must be greater than or equal to 0`. */
export function formatFieldError(error: FieldError): string {
  return `${error.field}: ${error.message}`;
}

/** Gathers what is wrong with an object, in the sentences users of kubectl know. */
export class FieldErrors {
  readonly list: FieldError[] = [];

  required(path: FieldPath, detail = ""): void {
    this.#add(path, "FieldValueRequired", detail ? `Required value: ${detail}` : "Required value");
  }

  invalid(path: FieldPath, value: unknown, detail: string): void {
    this.#add(path, "FieldValueInvalid", `Invalid value: ${shown(value)}${detail ? `: ${detail}` : ""}`);
  }

  /** As {@link invalid}, of a value that is long, or nobody's business. */
  invalidUnshown(path: FieldPath, detail: string): void {
    this.#add(path, "FieldValueInvalid", `Invalid value: ${detail}`);
  }

  /** `TypeInvalid` of structural schemas: a value of the wrong JSON type. */
  wrongType(path: FieldPath, value: unknown, detail: string): void {
    this.#add(path, "FieldValueTypeInvalid", `Invalid value: ${shown(value)}: ${detail}`);
  }

  notSupported(path: FieldPath, value: unknown, supported: readonly string[]): void {
    const known = supported.map((one) => JSON.stringify(one)).join(", ");
    this.#add(
      path,
      "FieldValueNotSupported",
      `Unsupported value: ${shown(value)}: supported values: ${known}`,
    );
  }

  duplicate(path: FieldPath, value: unknown, detail = ""): void {
    this.#add(path, "FieldValueDuplicate", `Duplicate value: ${shown(value)}${detail ? `: ${detail}` : ""}`);
  }

  forbidden(path: FieldPath, detail: string): void {
    this.#add(path, "FieldValueForbidden", `Forbidden: ${detail}`);
  }

  notFound(path: FieldPath, value: unknown, detail = ""): void {
    this.#add(path, "FieldValueNotFound", `Not found: ${shown(value)}${detail ? `: ${detail}` : ""}`);
  }

  tooLong(path: FieldPath, maxBytes: number): void {
    this.#add(
      path,
      "FieldValueTooLong",
      `Too long: may not be more than ${maxBytes} byte${maxBytes === 1 ? "" : "s"}`,
    );
  }

  tooMany(path: FieldPath, actual: number, max: number): void {
    this.#add(
      path,
      "FieldValueTooMany",
      `Too many: ${actual}: must have at most ${max} item${max === 1 ? "" : "s"}`,
    );
  }

  #add(path: FieldPath, reason: FieldErrorReason, message: string): void {
    this.list.push({ field: path.toString(), reason, message });
  }
}

const longestShown = 512;
const escaped = (sign: string): string => `\\u00${sign.charCodeAt(0).toString(16)}`;

/** Members that Go holds as maps, and writes in the order of their keys. */
const maps = new Set(["matchLabels"]);

const inOrder = (name: string, value: unknown): unknown =>
  maps.has(name) && value ? Object.fromEntries(Object.entries(value).toSorted(byKey)) : value;
const byKey = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);

function shown(value: unknown): string {
  const written = JSON.stringify(value, inOrder) ?? "null";
  // As Go writes objects.
  const text = typeof value === "object" ? written.replaceAll(/[<>&]/g, escaped) : written;
  return text.length <= longestShown ? text : `${text.slice(0, longestShown)}…`;
}
