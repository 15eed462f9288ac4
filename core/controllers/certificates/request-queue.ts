import type { CertificateSigningRequest } from "../../api/index.ts";
import type { WorkQueue } from "../../client/contracts.ts";
import { onEveryChange, reconcileQueue } from "../../client/reconcile.ts";
import type { ControllerParts } from "../shared/controller.ts";

/** Works off the requests that are due, by name. Whether one is due is asked when it changes and again when its turn comes. */
export function requestQueue(
  label: string,
  parts: ControllerParts,
  isDue: (request: CertificateSigningRequest) => boolean,
  reconcile: (request: CertificateSigningRequest) => Promise<void>,
): WorkQueue<string> {
  const { signingRequests } = parts.informers;
  const queue = reconcileQueue(label, parts, async (name) => {
    const request = signingRequests.get(name);
    if (request && isDue(request)) await reconcile(request);
  });
  onEveryChange(signingRequests, (request, change) => {
    if (change !== "deleted" && isDue(request)) queue.add(request.metadata.name);
  });
  return queue;
}
