import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./run.mjs";
import { SetUpError } from "./set-up-error.mjs";

/** A command that must be there and the package that brings it; the command is what counts, not the package. */
const needed = [
  ["containerd", "containerd"],
  ["runc", "runc"],
  ["crun", "crun"],
  ["ip", "iproute2"],
  ["nft", "nftables"],
  ["busybox", "busybox-static"],
  ["mkfs.ext4", "e2fsprogs"],
  ["losetup", "mount"],
  ["kubectl", "kubernetes-client"],
  ["python3", "python3-minimal"],
  ["loopback", "containernetworking-plugins"],
];

/** What tests and benches need besides: another store, a file system with snapshots of files, a foreign engine, a load generator. */
const neededByTests = [
  ["etcd", "etcd-server"],
  ["etcdctl", "etcd-client"],
  ["mkfs.xfs", "xfsprogs"],
  ["dockerd", "docker.io"],
  ["docker-registry", "docker-registry"],
  ["protoc", "protobuf-compiler"],
  ["wrk", "wrk"],
  ["strace", "strace"],
  // No commands, so they are looked for from the folders of commands.
  ["../include/google/protobuf/descriptor.proto", "libprotobuf-dev"],
  ["../lib/python3/dist-packages/grpc", "python3-grpcio"],
];

const searchPath = [
  "/usr/local/sbin",
  "/usr/local/bin",
  "/usr/sbin",
  "/usr/bin",
  "/sbin",
  "/bin",
  "/usr/lib/cni",
  "/opt/cni/bin",
];
const listFile = "/etc/apt/sources.list.d/berth-backports.sources";
const install = ["install", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300"];

/** Installs what a node needs and the machine lacks. */
export async function installDebianPackages(say) {
  const wanted = process.argv.includes("--tests") ? [...needed, ...neededByTests] : needed;
  const packages = wanted.filter(([command]) => !hasCommand(command)).map(([, name]) => name);
  const wantsGvisor = !hasCommand("runsc");
  if (packages.length === 0 && !wantsGvisor) return undefined;
  const names = [...packages, ...(wantsGvisor ? ["runsc"] : [])].join(", ");
  if (process.getuid() !== 0) {
    throw new SetUpError(
      `These packages are missing and only root can install them: ${names}.`,
      "Run the same command as root.",
    );
  }
  if (!existsSync("/etc/debian_version")) {
    throw new SetUpError(
      `These commands are missing: ${names}.`,
      "Install them with this system's package manager.",
    );
  }
  say(`installing ${names}…`);
  await apt(["update"]);
  if (packages.length > 0) await apt([...install, ...packages]);
  if (wantsGvisor) await installGvisor(say);
  return `installed ${names}`;
}

function hasCommand(name) {
  return [...searchPath, ...(process.env.PATH ?? "").split(":")].some((folder) =>
    existsSync(join(folder, name)),
  );
}

/** The stable runsc knows only ptrace; the one in backports has systrap, 14 times faster at system calls. */
async function installGvisor(say) {
  const source = backportsSource();
  if (!source) {
    say("no backports can be derived from the package sources: runsc comes from stable and has only ptrace");
    await apt([...install, "runsc"]);
    return;
  }
  writeFileSync(listFile, source.text);
  try {
    await apt(["update"]);
    await apt([...install, "-t", source.suite, "runsc"]);
  } finally {
    rmSync(listFile, { force: true });
    await apt(["update"]);
  }
}

/** The machine's own archive with `-backports` added to its release, as a deb822 paragraph. */
function backportsSource() {
  const release = execFileSync("sh", ["-c", '. /etc/os-release; printf %s "$VERSION_CODENAME"'], {
    encoding: "utf8",
  });
  const suite = `${release}-backports`;
  for (const paragraph of deb822Paragraphs()) {
    const field = (name) => new RegExp(`^${name}:\\s*(.+)$`, "mi").exec(paragraph)?.[1].trim();
    if (!field("Suites")?.split(/\s+/).includes(release)) continue;
    const signedBy = field("Signed-By");
    const lines = ["Types: deb", `URIs: ${field("URIs")}`, `Suites: ${suite}`, "Components: main"];
    if (signedBy) lines.push(`Signed-By: ${signedBy}`);
    return { suite, text: `${lines.join("\n")}\n` };
  }
  const line = readIfThere("/etc/apt/sources.list")
    .split("\n")
    .map((text) => /^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s/.exec(text))
    .find((match) => match?.[2] === release);
  return line
    ? { suite, text: `Types: deb\nURIs: ${line[1]}\nSuites: ${suite}\nComponents: main\n` }
    : undefined;
}

function deb822Paragraphs() {
  const folder = "/etc/apt/sources.list.d";
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".sources")) : [];
  return files.flatMap((name) => readIfThere(join(folder, name)).split(/\n\s*\n/));
}

function readIfThere(file) {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

function apt(args) {
  return run("apt-get", args, {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    next: "Check that this machine's Debian package sources can be reached, then run the same command again.",
  });
}
