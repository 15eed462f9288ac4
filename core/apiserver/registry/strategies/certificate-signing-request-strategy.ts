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
 * and neither of them can do the other's part.
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
      request.spec = old.spec!;
      const before = conditionsOf(old);
      const given = conditionsOf(request);
      if (subresource === "approval")
        request.status = withConditions(old.status, stamped(given, before, now));
      else if (subresource === "status")
        request.status = withConditions(request.status, stamped(withDecisions(given, before), before, now));
    },
  };
}

function withConditions(
  status: Draft["status"],
  conditions: readonly Condition[],
): NonNullable<Draft["status"]> {
  const { conditions: _, ...rest } = status ?? {};
  return conditions.length > 0 ? { conditions: [...conditions], ...rest } : rest;
}

/** A write of the status leaves decisions as they were; one that adds or takes away any is refused later. */
function withDecisions(given: readonly Condition[], before: readonly Condition[]): readonly Condition[] {
  let result = [...given];
  for (const type of decisions) {
    const known = before.filter((one) => one.type === type);
    if (result.filter((one) => one.type === type).length !== known.length) continue;
    let next = 0;
    result = result.map((one) => (one.type === type ? known[next++]! : one));
  }
  return result;
}

async function checkRequest(signer: CertificateSigner, request: Draft): Promise<void> {
  const text = request.spec?.["request"];
  const pem = typeof text === "string" ? Buffer.from(text, "base64").toString("utf8") : "";
  // What is no request at all is told with all else that is wrong.
  if (!pem.includes("CERTIFICATE REQUEST-----")) return;
  try {
    await signer.read(pem);
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

function stamped(given: readonly Condition[], before: readonly Condition[], now: number): Condition[] {
  const time = formatTime(now);
  return given.map((condition) => {
    const known = before.find(({ type }) => type === condition.type);
    const since = known?.status === condition.status ? known.lastTransitionTime : undefined;
    return {
      ...condition,
      lastUpdateTime: condition.lastUpdateTime ?? time,
      lastTransitionTime: condition.lastTransitionTime ?? since ?? time,
    };
  });
}
