import { status } from "@grpc/grpc-js";

/** gRPC status by name: NOT_FOUND, UNAVAILABLE… */
export type StatusName = keyof typeof status;

export function statusName(code: number): StatusName {
  return (status[code] as StatusName | undefined) ?? "UNKNOWN";
}

export function statusCode(name: StatusName): number {
  return status[name];
}

export function isStatusName(name: string): name is StatusName {
  return Object.hasOwn(status, name) && Number.isNaN(Number(name));
}
