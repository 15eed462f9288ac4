import { type Attributes, type Authorizer, refusal } from "../authz/authorizer.ts";
import type { AdmissionPlugin } from "./admission.ts";

/** Who may change what is there may not, by that alone, make what is not there: a PUT or an apply that creates. */
export function creationByUpdate(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: "CreationByUpdate",
    validate({ operation, verb, kind, namespace, name, user }) {
      if (operation !== "CREATE" || (verb !== "update" && verb !== "patch")) return;
      const { group, version, resource } = kind;
      const where = { namespace, name, subresource: "" };
      const asked: Attributes = { isResource: true, verb: "create", group, version, resource, ...where };
      const decision = authorizer.authorize(user, asked);
      if (!decision?.allowed) throw refusal(user, asked, decision?.reason ?? "");
    },
  };
}
