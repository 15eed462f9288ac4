/** One device as its plugin lists it. */
export interface KnownDevice {
  readonly id: string;
  /** "Healthy" or the plugin's own word for what it is. */
  readonly health: string;
  /** NUMA nodes it is close to. */
  readonly numa: readonly number[];
}

/** The plugin's preference where it has one, then by name: the same free devices always give the same choice. */
export function chooseDevices(
  free: readonly KnownDevice[],
  preferred: readonly string[],
  count: number,
): string[] {
  const available = new Set(free.map(({ id }) => id));
  const wanted = [...new Set(preferred)].filter((id) => available.has(id));
  const others = [...available].filter((id) => !wanted.includes(id)).sort();
  return [...wanted, ...others].slice(0, count);
}

/** Why a request cannot be met now, with the numbers; undefined when it can. */
export function shortage(
  request: { readonly resource: string; readonly count: number },
  endpoint:
    | { readonly plugin: string; readonly connected: boolean; readonly devices: readonly KnownDevice[] }
    | undefined,
  holders: ReadonlyMap<string, string>,
): string | undefined {
  const { resource, count } = request;
  if (!endpoint) return `no plugin of this node provides ${resource}`;
  if (!endpoint.connected) return `plugin ${endpoint.plugin}, which provides ${resource}, does not serve now`;
  const healthy = endpoint.devices.filter(({ health }) => health === "Healthy");
  const free = healthy.filter(({ id }) => !holders.has(id));
  if (free.length >= count) return undefined;
  const unhealthy = endpoint.devices.length - healthy.length;
  return `${count} of ${resource} asked, ${free.length} free: ${healthy.length - free.length} in use, ${unhealthy} unhealthy`;
}
