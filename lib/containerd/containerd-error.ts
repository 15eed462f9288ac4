import { status as grpcStatus } from "@grpc/grpc-js";

/** A call of containerd's API that did not succeed. */
export class ContainerdError extends Error {
  /** gRPC status name: NOT_FOUND, ALREADY_EXISTS, UNAVAILABLE… */
  readonly code: string;
  /** "Tasks/Start". */
  readonly method: string;
  /** containerd's own words. */
  readonly detail: string;

  constructor(method: string, code: string, detail: string) {
    super(`containerd ${method}: ${code}: ${detail}`);
    this.name = "ContainerdError";
    this.method = method;
    this.code = code;
    this.detail = detail;
  }
}

export function isContainerdError(error: unknown, ...codes: string[]): error is ContainerdError {
  return error instanceof ContainerdError && (codes.length === 0 || codes.includes(error.code));
}

export function toContainerdError(method: string, error: unknown): ContainerdError {
  if (error instanceof ContainerdError) return error;
  const { code, details, message } = error as { code?: number; details?: string; message?: string };
  const name = (code === undefined ? undefined : grpcStatus[code]) ?? "INTERNAL";
  return new ContainerdError(method, name, details || message || String(error));
}

/** For clean-up: what is gone already is as good as deleted. */
export async function ignoringNotFound<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isContainerdError(error, "NOT_FOUND")) return undefined;
    throw error;
  }
}
