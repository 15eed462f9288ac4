import { errorMessage } from "@berth/base";
import { groupVersion, isJsonObject, type JsonObject, type Kind } from "../../api/index.ts";
import { newUid } from "../registry/object-meta.ts";
import { StatusError } from "../request/status-error.ts";
import type { WebhookClient } from "../webhooks/webhook-client.ts";
import type { Convert } from "../registry/object-forms.ts";

const timeoutMs = 30_000;
const apiVersion = "apiextensions.k8s.io/v1";

/**
 * Asks the webhook that a definition names, as ConversionReview v1 says, once for all objects. What it may not change
 * (everything in metadata but labels and annotations) is put back or, where that would hide another object, refused.
 */
export function webhookConversion(client: WebhookClient): Convert {
  return async (to: Kind, objects: readonly JsonObject[]) => {
    const config = to.custom?.conversion.webhook?.clientConfig;
    const uid = newUid();
    const desiredAPIVersion = groupVersion(to);
    const request = { uid, desiredAPIVersion, objects };
    try {
      if (!config) throw new Error("the definition names none");
      const review = await client.post({
        config,
        body: { kind: "ConversionReview", apiVersion, request },
        timeoutMs,
      });
      const converted = convertedObjects(review, uid, objects.length);
      return converted.map((one, index) => checked(one, objects[index]!, desiredAPIVersion, index));
    } catch (error) {
      const from = String(objects[0]?.["apiVersion"]);
      throw new StatusError(
        500,
        "InternalError",
        `conversion webhook for ${from}, Kind=${to.kind} failed: ${errorMessage(error)}`,
      );
    }
  };
}

function convertedObjects(review: unknown, uid: string, count: number): unknown[] {
  const answer = isJsonObject(review) ? review : {};
  if (answer["kind"] !== "ConversionReview" || answer["apiVersion"] !== apiVersion)
    throw new Error(`the answer is no ConversionReview of ${apiVersion}`);
  const response = isJsonObject(answer["response"]) ? answer["response"] : {};
  if (response["uid"] !== uid)
    throw new Error(
      `expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response["uid"] ?? "")}`,
    );
  const result = isJsonObject(response["result"]) ? response["result"] : {};
  if (result["status"] !== "Success") {
    const said = result["message"];
    throw new Error(typeof said === "string" && said !== "" ? said : "invalid response.result.status");
  }
  const converted = response["convertedObjects"];
  if (!Array.isArray(converted) || converted.length !== count) {
    const got = Array.isArray(converted) ? converted.length : 0;
    throw new Error(`webhook returned ${got} objects, expected ${count}`);
  }
  return converted;
}

function checked(converted: unknown, original: JsonObject, wanted: string, index: number): JsonObject {
  const where = `response.convertedObjects[${index}]`;
  if (!isJsonObject(converted)) throw new Error(`${where} is no object`);
  if (converted["apiVersion"] !== wanted)
    throw new Error(
      `${where} has invalid apiVersion: ${String(converted["apiVersion"])}, expected ${wanted}`,
    );
  if (converted["kind"] !== original["kind"])
    throw new Error(`${where} has invalid kind: ${String(converted["kind"])}`);
  const before = original["metadata"] as JsonObject;
  const after = isJsonObject(converted["metadata"]) ? converted["metadata"] : {};
  for (const name of ["name", "namespace", "uid"])
    if (after[name] !== before[name]) throw new Error(`${where} has mismatching metadata.${name}`);
  const metadata: JsonObject = { ...before };
  for (const name of ["labels", "annotations"]) {
    if (after[name] === undefined) delete metadata[name];
    else metadata[name] = after[name];
  }
  return { ...converted, metadata };
}
