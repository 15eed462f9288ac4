/** The network plugins of a node in the order in which they attach, or why there is no such order. */
export type ChainChoice = { ok: true; chain: readonly string[] } | { ok: false; reason: string };

/** Never picks one of several: what a node's network is must be said, not found out. */
export function chooseChain(
  configured: readonly string[] | undefined,
  available: readonly string[],
): ChainChoice {
  if (configured && configured.length > 0) {
    const absent = configured.filter((name) => !available.includes(name));
    if (absent.length === 0) return { ok: true, chain: configured };
    return {
      ok: false,
      reason: `the network chain names ${absent.join(", ")}, which this node does not have`,
    };
  }
  if (available.length === 1) return { ok: true, chain: available };
  if (available.length === 0) return { ok: false, reason: "this node has no network plugin" };
  const names = available.toSorted().join(", ");
  return {
    ok: false,
    reason: `this node has the network plugins ${names}; name their order in spec.networkChain`,
  };
}
