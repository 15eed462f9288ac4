import { CniError, cniCode, cniErrorTrailer, encodeCniError } from "@berth/cni";
import { PluginError } from "@berth/sdk";

type Status = ConstructorParameters<typeof PluginError>[0];

const statuses: Readonly<Record<number, Status>> = {
  [cniCode.incompatibleVersion]: "INVALID_ARGUMENT",
  [cniCode.unsupportedField]: "INVALID_ARGUMENT",
  [cniCode.unknownContainer]: "NOT_FOUND",
  [cniCode.invalidEnvironment]: "INVALID_ARGUMENT",
  [cniCode.invalidConfig]: "INVALID_ARGUMENT",
  [cniCode.tryAgain]: "UNAVAILABLE",
  [cniCode.notAvailable]: "UNAVAILABLE",
  [cniCode.notAvailableAndLimited]: "UNAVAILABLE",
};

/** A program's error as both worlds understand it: a gRPC status, and the specification's object in the trailer. */
export async function answering<T>(call: Promise<T>, otherwise: Status): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof CniError)) throw error;
    const next =
      error.details || "The program's own words say what is wrong; correct it or its configuration.";
    throw new PluginError(statuses[error.code] ?? otherwise, error.message, next, {
      trailers: { [cniErrorTrailer]: encodeCniError(error) },
      cause: error,
    });
  }
}
