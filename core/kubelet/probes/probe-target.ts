import type { Container } from "../../api/index.ts";

/** A port by number or by the name it has in the container; undefined when there is none of that name. */
export function resolvePort(container: Container, port: number | string): number | undefined {
  if (typeof port === "number") return port;
  if (/^\d+$/.test(port)) return Number(port);
  return container.ports?.find((candidate) => candidate.name === port)?.containerPort;
}
