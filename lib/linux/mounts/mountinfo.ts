/** One line of /proc/self/mountinfo, as proc_pid_mountinfo(5) describes it. */
export interface Mount {
  readonly id: number;
  readonly parentId: number;
  /** MAJOR:MINOR of the file system. */
  readonly device: string;
  /** The folder of the file system that is mounted; "/" unless it is a bind mount. */
  readonly root: string;
  readonly target: string;
  readonly options: readonly string[];
  /** shared:N, master:N, propagate_from:N, unbindable. */
  readonly propagation: readonly string[];
  readonly type: string;
  readonly source: string;
  readonly superOptions: readonly string[];
}

export function parseMountinfo(text: string): Mount[] {
  return text.split("\n").flatMap((line) => parseLine(line) ?? []);
}

function parseLine(line: string): Mount | undefined {
  const fields = line.split(" ");
  const dash = fields.indexOf("-", 6);
  const [id, parentId, device, root, target, options] = fields;
  if (dash < 0 || id === undefined || root === undefined || target === undefined) return undefined;
  return {
    id: Number(id),
    parentId: Number(parentId),
    device: device ?? "",
    root: unescapeOctal(root),
    target: unescapeOctal(target),
    options: (options ?? "").split(","),
    propagation: fields.slice(6, dash),
    type: fields[dash + 1] ?? "",
    source: unescapeOctal(fields[dash + 2] ?? ""),
    superOptions: (fields[dash + 3] ?? "").split(","),
  };
}

/** The kernel writes space, tab, newline and backslash as \ooo, byte by byte. */
function unescapeOctal(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

/** The mounts at or under a folder, deepest and latest first: the order in which they can be undone. */
export function mountsUnder(mounts: readonly Mount[], folder: string): Mount[] {
  const prefix = folder === "/" ? "/" : `${folder.replace(/\/+$/, "")}/`;
  return mounts
    .filter((mount) => `${mount.target}/`.startsWith(prefix))
    .toSorted((a, b) => b.target.length - a.target.length || b.id - a.id);
}
