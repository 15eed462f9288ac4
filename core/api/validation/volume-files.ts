import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import { checkLocalPath } from "./checks.ts";

const allBits = 0o777;

/** Permission bits of files in a volume. */
export function checkMode(bits: number | undefined, at: FieldPath, errors: FieldErrors): void {
  if (bits === undefined || (bits >= 0 && bits <= allBits)) return;
  errors.invalid(at, bits, "must be a number between 0 and 0777 (octal), both inclusive");
}

/** Names that begin with `..` are what the kubelet keeps the files of a volume under. */
export function checkReservedPath(path = "", at: FieldPath, errors: FieldErrors): void {
  checkLocalPath(path, at, errors);
  if (path.startsWith("..") && !path.startsWith("../")) errors.invalid(at, path, "must not start with '..'");
}
