import { type ApiClient, ApiError } from "../client/contracts.ts";
import { clientOf, resources } from "../client/resources.ts";
import type { SecretReference } from "./secret-references.ts";

/** The values of a secret as a driver wants them; none for no reference. */
export async function readSecret(
  api: ApiClient,
  reference: SecretReference | undefined,
): Promise<Record<string, string>> {
  if (!reference) return {};
  try {
    const { name, namespace } = reference;
    const { data = {} } = await clientOf(api, resources.secrets).get(name, { namespace });
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64").toString()]),
    );
  } catch (error) {
    if (!ApiError.is(error, "NotFound")) throw error;
    throw new Error(
      `secret ${reference.namespace}/${reference.name} named by the storage class does not exist`,
      {
        cause: error,
      },
    );
  }
}
