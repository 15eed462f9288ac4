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
const decisions: ReadonlySet<string> = new Set(["Approved", "Denied"]);

/**
 * A request says who made it in the server's words; it is decided through `approval` and answered through `status`,
 * and neither of them can do the other's part.
 */
export function certificateSigningRequestStrategy(signer: CertificateSigner): Strategy {
  return {
    async prepareForCreate(request, { user }) {
      delete request.status;
      const spec = (request.spec ??= {});
      const { name, groups, uid, extra } = user;
      Object.assign(spec, { username: name, groups: [...groups] });
      for (const [field, value] of Object.entries({ uid, extra }))
        if (value === undefined) delete spec[field];
        else spec[field] = value;
      await checkRequest(signer, request);
    },
    prepareForUpdate(request, old, { subresource, now }) {
      const before = conditionsOf(old);
      const given = conditionsOf(request);
      if (subresource === "approval") {
        const status = { ...old.status, conditions: stamped(given, before, now) };
        request.status = status;
      } else if (subresource === "status") {
        const decided = before.filter(({ type }) => decisions.has(type));
        const rest = given.filter(({ type }) => !decisions.has(type));
        request.status = { ...request.status, conditions: stamped([...decided, ...rest], before, now) };
      }
    },
  };
}

async function checkRequest(signer: CertificateSigner, request: Draft): Promise<void> {
  const text = request.spec?.["request"];
  if (typeof text !== "string" || text === "") return;
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
