import type { Service } from "../../api/index.ts";

/**
 * Variables by which a container finds the services of its namespace that have an address
 * (Kubernetes documentation, "Service", environment variables).
 */
export function serviceEnvironment(services: readonly Service[]): Record<string, string> {
  const env: Record<string, string> = {};
  const oldestFirst = services.toSorted((a, b) =>
    (a.metadata.creationTimestamp ?? "").localeCompare(b.metadata.creationTimestamp ?? ""),
  );
  for (const service of oldestFirst) {
    const ip = service.spec?.clusterIP;
    const [first] = service.spec?.ports ?? [];
    if (!ip || ip === "None" || !first) continue;
    const prefix = service.metadata.name.toUpperCase().replaceAll("-", "_");
    const host = ip.includes(":") ? `[${ip}]` : ip;
    env[`${prefix}_SERVICE_HOST`] = ip;
    env[`${prefix}_SERVICE_PORT`] = String(first.port);
    for (const port of service.spec?.ports ?? []) {
      if (port.name)
        env[`${prefix}_SERVICE_PORT_${port.name.toUpperCase().replaceAll("-", "_")}`] = String(port.port);
    }
    const url = (port: typeof first): string =>
      `${(port.protocol ?? "TCP").toLowerCase()}://${host}:${port.port}`;
    env[`${prefix}_PORT`] = url(first);
    for (const port of service.spec?.ports ?? []) {
      const protocol = port.protocol ?? "TCP";
      const base = `${prefix}_PORT_${port.port}_${protocol}`;
      env[base] = url(port);
      env[`${base}_PROTO`] = protocol.toLowerCase();
      env[`${base}_PORT`] = String(port.port);
      env[`${base}_ADDR`] = ip;
    }
  }
  return env;
}
