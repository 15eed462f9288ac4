import { loadContract } from "@berth/proto";
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
  const trailer = encodeError({ cni_version: cniVersion, code: cniCode[code], msg: message, details: next });
  return new PluginError(status, message, next, {
    trailers: { "cni-error-bin": trailer },
    ...(cause === undefined ? {} : { cause }),
  });
}

export const cniVersion = "1.1.0";
export const supportedCniVersions = ["0.3.1", "0.4.0", "1.0.0", "1.1.0"];

function encodeError(error: object): Buffer {
  const definition = loadContract("cni")["berth.cni.v1.Error"];
  if (!definition || !("serialize" in definition)) throw new Error("the cni contract has no message Error");
  return (definition.serialize as (value: object) => Buffer)(error);
}
