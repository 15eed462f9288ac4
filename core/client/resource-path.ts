import type { ResourceName } from "./contracts.ts";

/** `/apis/apps/v1/namespaces/default/deployments/web/status`. */
export function resourcePath(
  { group, version, resource, namespaced }: ResourceName,
  at: { readonly namespace?: string; readonly name?: string; readonly subresource?: string } = {},
): string {
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  const where = namespaced && at.namespace !== undefined ? `/namespaces/${segment(at.namespace)}` : "";
  const name = at.name === undefined ? "" : `/${segment(at.name)}`;
  const subresource = at.subresource === undefined ? "" : `/${at.subresource}`;
  return `${root}${where}/${resource}${name}${subresource}`;
}

function segment(text: string): string {
  return encodeURIComponent(text);
}
