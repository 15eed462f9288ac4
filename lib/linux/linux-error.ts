import { constants } from "node:os";
import { getSystemErrorMessage } from "node:util";
import { BerthError, type ErrorDefinition } from "@berth/base";
import { lastErrno } from "./libc.ts";

const refused = BerthError.define({
  code: "BERTH_LINUX_REFUSED",
  grpc: "PERMISSION_DENIED",
  http: 403,
  owner: "operator",
  next: "Run as root with CAP_SYS_ADMIN and CAP_NET_ADMIN; `berth doctor` lists what is missing.",
});
const unsupported = BerthError.define({
  code: "BERTH_LINUX_UNSUPPORTED",
  grpc: "UNIMPLEMENTED",
  http: 501,
  owner: "operator",
  next: "This kernel lacks the feature; `berth doctor` names the module or version that brings it.",
});
const missing = BerthError.define({
  code: "BERTH_LINUX_MISSING",
  grpc: "NOT_FOUND",
  http: 404,
  owner: "operator",
  next: "Check that the path, process or interface named in the message exists.",
});
const exhausted = BerthError.define({
  code: "BERTH_LINUX_EXHAUSTED",
  grpc: "RESOURCE_EXHAUSTED",
  http: 507,
  owner: "operator",
  next: "Free the resource or raise the limit named in the message, then repeat.",
});
const failed = BerthError.define({
  code: "BERTH_LINUX_FAILED",
  grpc: "INTERNAL",
  http: 500,
  owner: "berth",
  next: "Read the kernel's reason and its object in the message; where nothing on this machine explains it, report the message with the kernel's version.",
});

const definitionByErrno: Readonly<Record<string, ErrorDefinition>> = {
  EPERM: refused,
  EACCES: refused,
  ENOSYS: unsupported,
  EOPNOTSUPP: unsupported,
  EAFNOSUPPORT: unsupported,
  EPROTONOSUPPORT: unsupported,
  ENOENT: missing,
  ESRCH: missing,
  ENODEV: missing,
  ENXIO: missing,
  ENOSPC: exhausted,
  ENOMEM: exhausted,
  EMFILE: exhausted,
  ENFILE: exhausted,
  EDQUOT: exhausted,
};

const nameByErrno: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno).map(([name, number]) => [number, name]),
);

/** What the kernel answered: `mount /a on /b: ENOENT (no such file or directory)`. */
export class LinuxError extends BerthError {
  /** ENOENT, EBUSY… */
  readonly errno: string;

  constructor(action: string, number: number) {
    const name = errnoName(number);
    super(
      definitionByErrno[name] ?? failed,
      `${action}: ${name} (${getSystemErrorMessage(-number) ?? "no text for this number"})`,
    );
    this.name = "LinuxError";
    this.errno = name;
  }
}

export function errnoName(number: number): string {
  return nameByErrno.get(number) ?? `errno ${number}`;
}

/** Passes a C result through, or throws with the error number that goes with it. */
export function checked(result: number, action: () => string): number {
  if (result >= 0) return result;
  throw new LinuxError(action(), lastErrno());
}

/** True for an error of ours or of Node's own that carries one of these names. */
export function isErrno(error: unknown, ...names: string[]): boolean {
  if (error instanceof LinuxError) return names.includes(error.errno);
  return error instanceof Error && "code" in error && names.includes(String(error.code));
}
