import type { Feature } from "@berth/linux";

/** Cause and fix of each, as lines for a person. */
export function describeObstacles(features: readonly Feature[]): string {
  const lines = features.map(({ name, cause, fix }) => `${name}: ${cause}\n  next step: ${fix}`);
  return `Berth cannot start on this machine:\n${lines.join("\n")}`;
}
