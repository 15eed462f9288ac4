import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** The two files by which a runtime's own CNI calls come to the host. */
export interface CniFiles {
  readonly configuration: string;
  readonly executable: string;
}

export function cniFiles(
  folders: { configuration: string; executables: string },
  node: string,
  plugin: string,
): CniFiles {
  return {
    // The runtime takes the first by name.
    configuration: join(folders.configuration, `00-${networkName(node, plugin)}.conflist`),
    executable: join(folders.executables, networkName(node, plugin)),
  };
}

/** Also the type under which the runtime looks for the executable: two nodes of one machine have one each. */
export function networkName(node: string, plugin: string): string {
  return `berth-${node}-${plugin}`;
}

/** Throws when the runtime would take another file before ours. */
export function writeCniFiles(
  files: CniFiles,
  options: { endpoint: string; program: readonly string[]; cniVersion: string },
): void {
  const folder = dirname(files.configuration);
  const [rival] = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.isDirectory() && /\.(conf|conflist|json)$/.test(entry.name))
    .map(({ name }) => name)
    .filter((name) => name < basename(files.configuration));
  if (rival !== undefined) {
    throw new Error(
      `the runtime would take ${join(folder, rival)} before Berth's network; move that file away, or set spec.network to runtime`,
    );
  }
  const name = basename(files.executable);
  mkdirSync(dirname(files.executable), { recursive: true, mode: 0o755 });
  replace(files.executable, `#!/bin/sh\nexec ${options.program.map(quoted).join(" ")} "$@"\n`, 0o755);
  const { endpoint, cniVersion } = options;
  const capabilities = { portMappings: true, bandwidth: true };
  const list = { cniVersion, name, plugins: [{ type: name, endpoint, capabilities }] };
  replace(files.configuration, `${JSON.stringify(list, undefined, 2)}\n`, 0o644);
}

export function removeCniFiles(files: CniFiles): void {
  rmSync(files.configuration, { force: true });
  rmSync(files.executable, { force: true });
}

/** A reader sees the former text or this one, never a part. */
function replace(path: string, text: string, mode: number): void {
  const next = `${path}.next`;
  rmSync(next, { force: true });
  writeFileSync(next, text, { mode });
  renameSync(next, path);
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
