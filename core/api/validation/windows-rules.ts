import type { PodSpec, WindowsSecurityContextOptions } from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import { dnsSubdomainRule } from "../names/name-rules.ts";
import { rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";

const mostSpecKiB = 64;
const longestDomain = 256;
const longestUser = 104;
const control = /\p{Cc}/u;
const netBios = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;

const options: TypeRule = rule<WindowsSecurityContextOptions>((windows, at, errors) => {
  const { gmsaCredentialSpecName, gmsaCredentialSpec, runAsUserName } = windows;
  if (gmsaCredentialSpecName !== undefined)
    for (const wrong of dnsSubdomainRule(gmsaCredentialSpecName))
      errors.invalid(at.child("gmsaCredentialSpecName"), gmsaCredentialSpecName, wrong);
  const here = at.child("gmsaCredentialSpec");
  if (gmsaCredentialSpec === "") errors.invalid(here, "", "gmsaCredentialSpec cannot be an empty string");
  else if (gmsaCredentialSpec && Buffer.byteLength(gmsaCredentialSpec) > mostSpecKiB * 1024)
    errors.invalid(here, gmsaCredentialSpec, `gmsaCredentialSpec size must be under ${mostSpecKiB} KiB`);
  if (runAsUserName !== undefined)
    for (const wrong of userRule(runAsUserName))
      errors.invalid(at.child("runAsUserName"), runAsUserName, `runAsUserName${wrong}`);
});

/** What is wrong with `DOMAIN\\user` or `user`. */
function userRule(name: string): string[] {
  if (name === "") return [" cannot be an empty string"];
  if (control.test(name)) return [" cannot contain control characters"];
  const parts = name.split("\\");
  if (parts.length > 2) return [" cannot contain more than one backslash"];
  const user = parts.at(-1)!;
  const domain = parts.length === 2 ? parts[0]! : undefined;
  const wrong: string[] = [];
  if (domain !== undefined && domain.length >= longestDomain)
    wrong.push(`'s Domain length must be under ${longestDomain} characters`);
  if (domain !== undefined && !netBios.test(domain) && dnsSubdomainRule(domain).length > 0)
    wrong.push("'s Domain doesn't match the NetBios nor the DNS format");
  if (user === "") wrong.push("'s User cannot be empty");
  else if (user.length > longestUser)
    wrong.push(`'s User length must not be longer than ${longestUser} characters`);
  if (/^[. ]+$/.test(user)) wrong.push("'s User cannot contain only periods or spaces");
  if (/["/\\:;|=,+*?<>@[\]]/.test(user))
    wrong.push(`'s User cannot contain the following characters: "/\\:;|=,+*?<>@[]`);
  return wrong;
}

/** Containers that are processes of the host are not mixed with others, and are in its network. */
function checkHostProcesses(spec: PodSpec, at: FieldPath, errors: FieldErrors): void {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  let [all, hosted] = [0, 0];
  for (const group of ["initContainers", "containers", "ephemeralContainers"] as const)
    for (const [index, { securityContext }] of (spec[group] ?? []).entries()) {
      const own = securityContext?.windowsOptions?.hostProcess;
      const here = at.child(group).at(index).child("securityContext", "windowsOptions", "hostProcess");
      if (ofPod !== undefined && own !== undefined && own !== ofPod)
        errors.invalid(
          here,
          own,
          `pod hostProcess value must be identical if both are specified, was ${ofPod}`,
        );
      all++;
      if (own ?? ofPod) hosted++;
    }
  if (hosted === 0) return;
  if (hosted !== all) {
    const sentence =
      "If pod contains any hostProcess containers then all containers must be HostProcess containers";
    errors.invalid(at, "", sentence);
  }
  if (!spec.hostNetwork)
    errors.invalid(
      at.child("hostNetwork"),
      false,
      "hostNetwork must be true if pod contains any hostProcess containers",
    );
}

export const windowsRules: TypeRules = {
  "core.v1.WindowsSecurityContextOptions": options,
  "core.v1.PodSpec": rule<PodSpec>(checkHostProcesses),
};
