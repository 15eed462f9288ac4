import { berthGroup, berthVersion, type Plugin, pullSecretOf } from "../../api/index.ts";
import { type Attributes, type Authorizer, refusalMessage } from "../authz/authorizer.ts";
import { forbidden } from "../request/status-error.ts";
import type { AdmissionPlugin } from "./admission.ts";

/**
 * A Plugin is root code on every node: whoever writes its spec needs the verb `install` on it besides, and `get` on the
 * Secret that it newly names, for with it nodes read what he could not.
 */
export function pluginInstall(authorizer: Authorizer): AdmissionPlugin {
  return {
    name: "PluginInstall",
    validate({ operation, kind, subresource, name, object, old, user }) {
      if (kind.group !== berthGroup || kind.kind !== "Plugin") return;
      if (operation === "DELETE" || subresource !== "") return;
      if (operation === "UPDATE" && JSON.stringify(object?.spec) === JSON.stringify(old?.spec)) return;
      const require = (asked: Attributes, extra = ""): void => {
        if (authorizer.authorize(user, asked)?.allowed) return;
        throw forbidden(kind, name, refusalMessage(user, asked) + extra);
      };
      require({
        isResource: true,
        verb: "install",
        group: berthGroup,
        version: berthVersion,
        resource: kind.resource,
        subresource: "",
        namespace: "",
        name,
      });
      const secret = pullSecretOf(object as unknown as Plugin);
      const former = old && pullSecretOf(old as unknown as Plugin);
      if (!secret || (secret.namespace === former?.namespace && secret.name === former.name)) return;
      const asked = {
        verb: "get",
        group: "",
        version: "v1",
        resource: "secrets",
        subresource: "",
        ...secret,
      };
      require({ isResource: true, ...asked }, "; who names a pullSecret must be able to read it");
    },
  };
}
