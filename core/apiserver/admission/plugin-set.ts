import { nearestName } from "@berth/base";
import { berthGroup, FieldErrors, FieldPath, type Plugin, type PluginSet } from "../../api/index.ts";
import type { WatchCache } from "../cache/watch-cache.ts";
import { invalid } from "../request/status-error.ts";
import type { AdmissionPlugin } from "./admission.ts";

/**
 * What a PluginSet says of Plugins is held against those that there are. Before a set is applied (`spec.revision`) a
 * name that nobody has yet is a warning, for plugins may come later; afterwards it is an error.
 */
export function pluginSetAdmission(cache: WatchCache): AdmissionPlugin {
  const kept = cache.kind("/berth.dev/plugins/");
  return {
    name: "PluginSet",
    validate({ operation, kind, subresource, name, object, old, warnings }) {
      if (kind.group !== berthGroup || kind.kind !== "PluginSet") return;
      if (operation === "DELETE" || subresource !== "") return;
      if (operation === "UPDATE" && JSON.stringify(object?.spec) === JSON.stringify(old?.spec)) return;
      const { spec } = object as unknown as PluginSet;
      const plugins = new Map(
        [...kept.objects()].map((cached) => {
          const plugin = cached.object<Plugin>();
          return [plugin.metadata.name ?? "", plugin];
        }),
      );
      const at = FieldPath.of("spec");
      const errors = new FieldErrors();
      for (const [index, plugin] of spec.plugins.entries()) {
        if (plugins.has(plugin)) continue;
        const path = at.child("plugins").at(index);
        const meant = nearestName(plugin, plugins.keys());
        const told = `there is no Plugin of that name${meant === undefined ? "" : `; did you mean ${meant}?`}`;
        if (spec.revision === undefined)
          warnings.push(`${path.toString()}: ${JSON.stringify(plugin)}: ${told}`);
        else errors.invalid(path, plugin, told);
      }
      for (const [index, plugin] of (spec.networkChain ?? []).entries()) {
        const contract = plugins.get(plugin)?.spec.contract;
        if (contract === undefined || contract === "cni") continue;
        const told = `a chain is made of plugins with contract cni; this one has ${contract}`;
        errors.invalid(at.child("networkChain").at(index), plugin, told);
      }
      if (errors.list.length > 0) throw invalid(kind, name, errors.list);
    },
  };
}
