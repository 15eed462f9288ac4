import { deepEqual } from "../../api/index.ts";
import type { Draft } from "./object-meta.ts";

/**
 * Takes away owners that an object names twice in the same way, and warns whoever wrote it.
 * @param isAdmitted whether the server's own plugins have had the object
 */
export function dropDuplicateOwners({ metadata }: Draft, warnings: string[], isAdmitted: boolean): void {
  const owners = metadata.ownerReferences ?? [];
  if (new Set(owners.map(({ uid }) => uid)).size === owners.length) return;
  const isRepeated = owners.map((one, at) => owners.slice(0, at).some((other) => deepEqual(one, other)));
  if (!isRepeated.includes(true)) return;
  const repeated = owners.filter((_, at) => isRepeated[at]).map(({ uid }) => uid);
  metadata.ownerReferences = owners.filter((_, at) => !isRepeated[at]);
  const when = isAdmitted ? " after mutating admission happens" : "";
  const warning = `.metadata.ownerReferences contains duplicate entries${when}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${repeated.join(", ")}`;
  // A write that is tried again warns once.
  if (!warnings.includes(warning)) warnings.push(warning);
}
