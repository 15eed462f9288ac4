import { forbidden, StatusError } from "../request/status-error.ts";
import type { AdmissionRequest } from "../admission/admission.ts";

/** A policy that cannot be used for any of its bindings: the refusal names none. */
export class PolicyConfigurationError extends Error {}

/** What one policy has against a request. */
export interface PolicyFailure {
  readonly message: string;
  /** Of the answer; Forbidden when the policy never came to speak. */
  readonly reason?: string;
}

/** The refusal of mutations that failed: the first of them in the server's words, all of them as causes. */
export function mutationsFailed(request: AdmissionRequest, failures: readonly PolicyFailure[]): StatusError {
  const { details, code } = forbidden(request.kind, request.name, "");
  const { message, reason = "Forbidden" } = failures[0]!;
  const causes = failures.map((failure) => ({ message: failure.message }));
  return new StatusError(code, reason, message, { ...details, causes });
}
