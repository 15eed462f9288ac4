import {
  addUsage,
  compareQuantities,
  isInQuotaScope,
  missingQuotaAmounts,
  type Pod,
  type Usage,
} from "../../api/index.ts";
import type { AdmissionPlugin, AdmissionRequest, WriteOutcome } from "../admission/admission.ts";
import { forbidden } from "../request/status-error.ts";
import { negated, QuotaExceeded, type QuotaLedger, type QuotaObject, usageUnder } from "./quota-ledger.ts";

/** Subresources that change what a quota counts. */
const counted: ReadonlySet<string> = new Set(["", "status", "resize", "ephemeralcontainers"]);

/**
 * Books every object in its namespace's quotas before it is stored, and gives the room back when it is not stored after all, or
 * leaves. Comes last, so that nothing is booked for what others refuse.
 */
export function resourceQuota(ledger: QuotaLedger): AdmissionPlugin {
  const booked = new WeakSet<AdmissionRequest>();
  return {
    name: "ResourceQuota",
    validate(request) {
      const { namespace, kind, subresource, operation } = request;
      if (!kind.namespaced || operation === "DELETE" || !ledger.hasQuota(namespace)) return undefined;
      if (!counted.has(subresource)) return undefined;
      return book(request);
    },
    settle(request, outcome) {
      const { namespace, kind, dryRun } = request;
      if (dryRun || !kind.namespaced || !ledger.hasQuota(namespace)) return undefined;
      return settle(request, outcome);
    },
  };

  async function settle(request: AdmissionRequest, outcome: WriteOutcome): Promise<void> {
    const { namespace, kind, object, old, operation, subresource } = request;
    if (
      kind.group === "" &&
      kind.kind === "ResourceQuota" &&
      object &&
      outcome === "stored" &&
      subresource === ""
    )
      await ledger.begin(namespace, object.metadata.name!);
    const wasBooked = booked.delete(request);
    if (!counted.has(subresource)) return;
    const giveBack = (deltaFor: (quota: QuotaObject) => Usage): Promise<void> =>
      ledger.enter(namespace, {
        deltaFor: (quota) => negated(deltaFor(quota)),
        enforce: false,
        dryRun: false,
      });
    try {
      if (outcome !== "stored" && wasBooked) await giveBack((quota) => only(delta(quota, request), 1));
      if (outcome === "removed") await giveBack((quota) => usageUnder(quota, kind, old));
      else if (outcome === "stored" && operation === "UPDATE")
        await giveBack((quota) => negated(only(delta(quota, request), -1)));
    } finally {
      if (wasBooked) ledger.ended(namespace);
    }
  }

  async function book(request: AdmissionRequest): Promise<void> {
    const { namespace, kind, name, object, operation, dryRun, subresource } = request;
    const isPod = kind.group === "" && kind.kind === "Pod" && operation === "CREATE" && subresource === "";
    try {
      await ledger.enter(namespace, {
        deltaFor: (quota) => only(delta(quota, request), 1),
        complaint: (quota) => {
          const bounded = isPod && isInQuotaScope(quota.spec, kind, object!);
          const hard = Object.keys(quota.spec.hard ?? {});
          const missing = bounded ? missingQuotaAmounts(object as unknown as Pod, hard) : "";
          return missing === "" ? "" : `failed quota: ${quota.metadata.name}: must specify ${missing}`;
        },
        enforce: true,
        dryRun,
      });
    } catch (error) {
      if (error instanceof QuotaExceeded) throw forbidden(kind, object?.metadata.name ?? name, error.message);
      throw error;
    }
    if (dryRun) return;
    booked.add(request);
    ledger.begun(namespace);
  }
}

/** What the request would add to the quota, or take from it. */
function delta(quota: QuotaObject, { kind, object, old }: AdmissionRequest): Usage {
  const after = usageUnder(quota, kind, object);
  const before = negated(usageUnder(quota, kind, old));
  return sum(after, before);
}

function sum(a: Usage, b: Usage): Usage {
  const total: Usage = new Map(a);
  addUsage(total, b);
  return total;
}

/** Increases or decreases alone. */
function only(usage: Usage, sign: 1 | -1): Usage {
  return new Map([...usage].filter(([, amount]) => compareQuantities(amount, "0") * sign > 0));
}
