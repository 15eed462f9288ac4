/** What the doctor can name. docs/doctor.md explains each; a test seeds every one of them. */
export const faults = [
  "stale-socket",
  "path-too-long",
  "wrong-version",
  "missing-binary",
  "no-permission",
  "unhealthy-dependency",
  "full-disk",
  "clock-jump",
  "wrong-digest",
  "port-taken",
  "crash-loop",
  "out-of-memory",
  "hung-start",
  "missing-kernel-feature",
  "containerd-unreachable",
  "stale-lock",
  "orphaned-process",
  "config-typo",
  "expired-certificate",
  "lying-capability",
  "refused",
] as const;

export type Fault = (typeof faults)[number];

/** One fault with one cause and one thing to do about it. */
export interface Finding {
  readonly fault: Fault;
  /** "plugin foo on node one", "/var/lib/berth". */
  readonly about: string;
  readonly cause: string;
  readonly fix: string;
  /** Who can do it. */
  readonly owner: "operator" | "plugin author";
}
