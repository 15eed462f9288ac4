/** What one plugin gives and needs, in the words of its manifest: "contract:cni", "network", "daemon:containerd". */
export interface Dependant {
  readonly name: string;
  readonly provides: readonly string[];
  readonly needs: readonly string[];
}

/** Plugins that wait for each other in a ring, in the order of waiting; undefined when there is none. */
export function findRing(plugins: readonly Dependant[]): string[] | undefined {
  const providers = (need: string): Dependant[] => plugins.filter((plugin) => plugin.provides.includes(need));
  const done = new Set<string>();

  const visit = (plugin: Dependant, way: readonly string[]): string[] | undefined => {
    const at = way.indexOf(plugin.name);
    if (at >= 0) return [...way.slice(at), plugin.name];
    if (done.has(plugin.name)) return undefined;
    for (const need of plugin.needs) {
      for (const provider of providers(need)) {
        const ring = visit(provider, [...way, plugin.name]);
        if (ring) return ring;
      }
    }
    done.add(plugin.name);
    return undefined;
  };

  for (const plugin of plugins) {
    const ring = visit(plugin, []);
    if (ring) return ring;
  }
  return undefined;
}

/** Why a need is not met, as one sentence; undefined when it is met. `ready` are the needs met now. */
export function unmetNeed(
  needs: readonly string[],
  ready: ReadonlySet<string>,
  declared: ReadonlySet<string>,
): string | undefined {
  for (const need of needs) {
    if (ready.has(need)) continue;
    return declared.has(need)
      ? `waiting for ${need}, which is not ready yet`
      : `waiting for ${need}, which no plugin of this node provides`;
  }
  return undefined;
}
