/** One thing that Berth can use of this machine, and what to do where it is not there. */
export interface Feature {
  readonly name: string;
  /** required: nothing starts without it. optional: something works less well, as `cause` says. */
  readonly need: "required" | "optional";
  readonly isPresent: boolean;
  /** What was found: a version, a mode, a path. */
  readonly found?: string;
  /** Why it is not there or not usable; set when it is absent. */
  readonly cause?: string;
  /** One thing that a person can do; set when it is absent. */
  readonly fix?: string;
}

/** What was read from the machine; {@link judgeFeatures} makes sentences of it. */
export interface MachineFacts {
  readonly kernelRelease: string;
  readonly userId: number;
  /** Effective capabilities, one bit each, as in /proc/self/status. */
  readonly capabilities: bigint;
  readonly fileSystems: ReadonlySet<string>;
  readonly cgroups?: { readonly mode: string; readonly shortcomings: readonly string[] };
  readonly maxUserNamespaces: number;
  readonly hasPidfd: boolean;
  /** Undefined when it works, else the kernel's reason. */
  readonly nftablesRefusal?: string;
  /** The kernel's reason by kind of link that could not be made. */
  readonly linkRefusals: ReadonlyMap<string, string>;
  /** Path by name; a name without a path was looked for and not found. */
  readonly programs: ReadonlyMap<string, string | undefined>;
}

const capability = { sysAdmin: 21, netAdmin: 12, sysResource: 24, mknod: 27 } as const;

/** Debian's package for each program that Berth may start. */
const packageByProgram: Readonly<Record<string, string>> = {
  nft: "nftables",
  setpriv: "util-linux",
  containerd: "containerd",
  runc: "runc",
  crun: "crun",
  runsc: "runsc",
};

export function judgeFeatures(facts: MachineFacts): Feature[] {
  const has = (bit: number): boolean => ((facts.capabilities >> BigInt(bit)) & 1n) === 1n;
  return [
    judge("root", "required", facts.userId === 0, {
      found: `uid ${facts.userId}`,
      cause: `the process runs as uid ${facts.userId}; mounts, namespaces and cgroups belong to root`,
      fix: "run it with sudo or in a root shell",
    }),
    judgeCapability(
      "CAP_SYS_ADMIN",
      has(capability.sysAdmin),
      "required",
      "mounts and namespaces cannot be made",
    ),
    judgeCapability("CAP_NET_ADMIN", has(capability.netAdmin), "required", "pods cannot get a network"),
    judgeCapability("CAP_MKNOD", has(capability.mknod), "optional", "device nodes cannot be made"),
    judgeCapability(
      "CAP_SYS_RESOURCE",
      has(capability.sysResource),
      "optional",
      "a negative oom_score_adj is refused, so critical processes are not protected from the OOM killer",
    ),
    ...judgeCgroups(facts),
    judge("overlay file system", "required", facts.fileSystems.has("overlay"), {
      cause: "the kernel does not list overlay in /proc/filesystems, so image layers cannot be stacked",
      fix: "modprobe overlay, or use a kernel built with CONFIG_OVERLAY_FS",
    }),
    judge("user namespaces", "optional", facts.maxUserNamespaces > 0, {
      found: `at most ${facts.maxUserNamespaces}`,
      cause: "user.max_user_namespaces is 0, so pods with hostUsers: false cannot run",
      fix: "sysctl -w user.max_user_namespaces=15000",
    }),
    judge("pidfd", "required", facts.hasPidfd, {
      cause: `kernel ${facts.kernelRelease} has no pidfd_open, without which a reused pid could be signalled`,
      fix: "use Linux 5.3 or later",
    }),
    judge("pidfd exit status", "optional", isAtLeast(facts.kernelRelease, 6, 15), {
      cause: `kernel ${facts.kernelRelease} does not tell how a process ended that is not a child`,
      fix: 'use Linux 6.15 or later, or accept "exit code unknown" after a restart of the node',
    }),
    judge("nftables", "required", facts.nftablesRefusal === undefined, {
      cause: `the kernel refuses nftables: ${facts.nftablesRefusal ?? ""}`,
      fix: "modprobe nf_tables, or use a kernel built with CONFIG_NF_TABLES_INET",
    }),
    ...["bridge", "veth"].map((kind) =>
      judge(`${kind} links`, "required", !facts.linkRefusals.has(kind), {
        cause: `a ${kind} link cannot be made: ${facts.linkRefusals.get(kind) ?? ""}`,
        fix: `modprobe ${kind}, or use a kernel that has it built in`,
      }),
    ),
    ...[...facts.programs].map(([name, path]) => judgeProgram(name, path)),
  ];
}

function judge(
  name: string,
  need: Feature["need"],
  isPresent: boolean,
  words: { found?: string; cause: string; fix: string },
): Feature {
  const found = words.found === undefined ? {} : { found: words.found };
  return isPresent
    ? { name, need, isPresent, ...found }
    : { name, need, isPresent, ...found, cause: words.cause, fix: words.fix };
}

function judgeCapability(name: string, isPresent: boolean, need: Feature["need"], effect: string): Feature {
  return judge(name, need, isPresent, {
    cause: `the process lacks ${name}: ${effect}`,
    fix: `start it where ${name} is not dropped (containers: --cap-add ${name.slice("CAP_".length)})`,
  });
}

function judgeCgroups({ cgroups }: MachineFacts): Feature[] {
  const there = judge("cgroups", "required", cgroups !== undefined, {
    ...(cgroups ? { found: cgroups.mode } : {}),
    cause: "no cgroup file system is mounted, so processes cannot be counted, limited or killed as a group",
    fix: "mount -t cgroup2 none /sys/fs/cgroup",
  });
  const weak = (cgroups?.shortcomings ?? []).map((cause) =>
    judge("cgroup controllers", "optional", false, { cause, fix: "mount or delegate the controller" }),
  );
  return [there, ...weak];
}

function judgeProgram(name: string, path: string | undefined): Feature {
  return judge(`program ${name}`, "required", path !== undefined, {
    ...(path === undefined ? {} : { found: path }),
    cause: `${name} is not in any folder of PATH`,
    fix: `apt-get install --no-install-recommends ${packageByProgram[name] ?? name}`,
  });
}

export function isAtLeast(release: string, major: number, minor: number): boolean {
  const [, first, second] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  return Number(first) > major || (Number(first) === major && Number(second) >= minor);
}
