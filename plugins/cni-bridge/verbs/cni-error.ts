import { cniErrorTrailer, encodeCniError } from "@berth/cni";
import { PluginError } from "@berth/sdk";

/** Codes of the CNI specification, and this plugin's own from 100 on. */
export const cniCode = {
  unsupportedField: 2,
  unknownContainer: 3,
  invalidEnvironment: 4,
  invalidConfig: 7,
  tryAgain: 11,
  notAvailable: 50,
  notAvailableAndLimited: 51,
  interfaceExists: 100,
  addressUnavailable: 101,
  hostPortTaken: 102,
  checkFailed: 103,
} as const;

type Status = ConstructorParameters<typeof PluginError>[0];

/** An answer that both worlds understand: a gRPC status, and the specification's error object in the trailer. */
export function cniError(
  code: keyof typeof cniCode,
  status: Status,
  message: string,
  next: string,
  cause?: unknown,
): PluginError {
  return new PluginError(status, message, next, {
    trailers: { [cniErrorTrailer]: encodeCniError({ code: cniCode[code], message, details: next }) },
    ...(cause === undefined ? {} : { cause }),
  });
}

export const cniVersion = "1.1.0";
export const supportedCniVersions = ["0.3.1", "0.4.0", "1.0.0", "1.1.0"];
