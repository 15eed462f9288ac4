import { berthGroup, berthVersion } from "../../api/index.ts";
import { type Authorizer, refusalMessage } from "../authz/authorizer.ts";
import { forbidden } from "../request/status-error.ts";
import type { AdmissionPlugin } from "./admission.ts";

/** A Plugin is root code on every node: whoever writes its spec needs the verb `install` on it besides. */
export function pluginInstall(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: "PluginInstall",
    validate({ operation, kind, subresource, name, object, old, user }) {
      if (kind.group !== berthGroup || kind.kind !== "Plugin") return;
      if (operation === "DELETE" || subresource !== "") return;
      if (operation === "UPDATE" && JSON.stringify(object?.spec) === JSON.stringify(old?.spec)) return;
      const asked = {
        isResource: true as const,
        verb: "install",
        group: berthGroup,
        version: berthVersion,
        resource: kind.resource,
        subresource: "",
        namespace: "",
        name,
      };
      if (authorizer.authorize(user, asked)?.allowed) return;
      throw forbidden(kind, name, refusalMessage(user, asked));
    },
  };
}
