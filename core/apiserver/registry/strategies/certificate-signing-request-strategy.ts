import { formatTime } from "../../../api/index.ts";
import type { CertificateSigner } from "../../../http/index.ts";
import { invalid } from "../../request/status-error.ts";
import type { Draft } from "../object-meta.ts";
import type { Strategy } from "../strategy.ts";

const identity = {
  group: "certificates.k8s.io",
  resource: "certificatesigningrequests",
  kind: "CertificateSigningRequest",
};

interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastUpdateTime?: string;
  lastTransitionTime?: string;
}

/** What only the approval subresource may say. */
const decisions = ["Approved", "Denied"];

/**
 * A request says who made it in the server's words; it is decided through `approval` and answered through `status`,
 * and neither of them can do the other's part: who tries is told of it when the object is validated.
 */
export function certificateSigningRequestStrategy(signer: CertificateSigner): Strategy {
  return {
    async prepareForCreate(request, { user }) {
      request.status = {};
      const spec = (request.spec ??= {});
      const { name, groups, uid, extra } = user;
      Object.assign(spec, { username: name, groups: [...groups] });
      for (const [field, value] of Object.entries({ uid, extra }))
        if (value === undefined) delete spec[field];
        else spec[field] = value;
      await checkRequest(signer, request);
    },
    prepareForUpdate(request, old, { subresource, now }) {
      // What is asked for stays as it was asked.
      if (subresource === "") request.spec = { ...old.spec };
      const before = conditionsOf(old);
      const given = conditionsOf(request);
      if (subresource === "approval")
        request.status = withConditions(old.status, stamped(given, before, now));
      else if (subresource === "status") {
        const kept = decisions.reduce((list, type) => asBefore(list, before, type), given);
        request.status = withConditions(request.status, stamped(kept, before, now));
      }
    },
  };
}

async function checkRequest(signer: CertificateSigner, request: Draft): Promise<void> {
  const text = request.spec?.["request"];
  if (typeof text !== "string") return;
  // What is no request at all is found with everything else that is wrong.
  if (!Buffer.from(text, "base64").toString("latin1").startsWith("-----BEGIN CERTIFICATE REQUEST-----"))
    return;
  try {
    await signer.read(Buffer.from(text, "base64").toString("utf8"));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw invalid(identity, request.metadata.name ?? "", [
      {
        field: "spec.request",
        reason: "FieldValueInvalid",
        message: `Invalid value: ${JSON.stringify(text)}: ${why}`,
      },
    ]);
  }
}

function conditionsOf({ status }: Draft): readonly Condition[] {
  const conditions = status?.["conditions"];
  return Array.isArray(conditions) ? (conditions as Condition[]) : [];
}

/** Decisions as they were, unless there are more or fewer of them now. */
function asBefore(given: readonly Condition[], before: readonly Condition[], type: string): Condition[] {
  const kept = before.filter((one) => one.type === type);
  const same = given.filter((one) => one.type === type).length === kept.length;
  return given.map((one) => (same && one.type === type ? kept.shift()! : one));
}

function withConditions(status: Draft["status"], conditions: Condition[]): NonNullable<Draft["status"]> {
  const { conditions: _, ...rest } = status ?? {};
  return conditions.length > 0 ? { ...rest, conditions } : rest;
}

function stamped(given: readonly Condition[], before: readonly Condition[], now: number): Condition[] {
  const time = formatTime(now);
  return given.map((condition) => {
    const known = before.find(({ type, status }) => type === condition.type && status === condition.status);
    return {
      ...condition,
      lastUpdateTime: condition.lastUpdateTime ?? time,
      lastTransitionTime: condition.lastTransitionTime ?? known?.lastTransitionTime ?? time,
    };
  });
}
