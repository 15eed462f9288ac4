import type { CsiDriver } from "../contracts/csi-drivers.ts";

type Controller = NonNullable<CsiDriver["controller"]>;

/** One of the plugins that serve a driver of one name while one follows another. */
export interface DriverServer {
  readonly driver: CsiDriver;
  /** It is being replaced, or is not in force yet. */
  readonly held: boolean;
  /** It made the volume, or has it on this node. */
  has(volume: string): boolean;
}

/**
 * The driver as everybody else sees it while one plugin follows another under its name: each volume stays with the one
 * that made it, whatever is new goes to the one in force.
 */
export function sharedDriver(servers: readonly DriverServer[]): CsiDriver {
  const { driver } = servers.find(({ held }) => !held) ?? servers[0]!;
  if (servers.length === 1) return driver;
  const ownerOf = (request: unknown): CsiDriver => {
    const volume = (request as { volume_id?: string }).volume_id ?? "";
    return servers.find((one) => volume !== "" && one.has(volume))?.driver ?? driver;
  };
  return {
    ...driver,
    node: routed(driver.node, (request) => ownerOf(request).node),
    controller:
      driver.controller &&
      routed<Controller>(driver.controller, (request) => ownerOf(request).controller ?? driver.controller!),
  };
}

/** Each verb by the one that `choose` names for its request; what is no verb as `own` has it. */
function routed<T extends object>(own: T, choose: (request: unknown) => T): T {
  const verbs = Object.entries(own).map(([name, value]: [string, unknown]) => {
    if (typeof value !== "function") return [name, value] as const;
    const call = (request: unknown, options?: unknown): unknown => {
      const verb = Reflect.get(choose(request), name) as (request: unknown, options?: unknown) => unknown;
      return verb(request, options);
    };
    return [name, call] as const;
  });
  return Object.fromEntries(verbs) as T;
}
