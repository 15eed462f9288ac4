import { chmodSync, readdirSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { UserCore } from "../support/user-core.ts";

const notes = join(import.meta.dirname, "../support/plugins/cni-notes");
let core: UserCore;

beforeAll(async () => {
  core = await UserCore.prepare("users");
  chmodSync(core.folder, 0o755);
  await core.start("--ephemeral");
  const { text } = await core.berth("plugin", "pin", notes, "--dev", "--name", "notes");
  await core.apply(JSON.parse(text) as object);
  await core.shows(["ready"], "get", "plugininstance", "notes.users");
});
afterAll(() => core[Symbol.asyncDispose]());

test("a plugin that asks for no privilege runs as a user of its own, or is said to be kept from it by a closed folder", async () => {
  const status = ["-o", "jsonpath={.status.pid} {.status.isolation[?(@.name=='own-user')].note}"];
  const [pid, ...note] = (await core.kubectl("get", "plugininstance", "notes.users", ...status)).text.split(
    " ",
  );
  const closed = [process.execPath, notes].map(closedFolderAbove).find((folder) => folder !== undefined);
  const holds =
    closed === undefined ? statSync(`/proc/${pid}`).uid >= 1_900_000_000 : note.join(" ").includes(closed);
  expect(holds, `closed: ${closed}; said: ${note.join(" ")}`).toBe(true);
});

test("other users can read nothing of the core and of the node on the way to their folders", () => {
  expect(closedFolderAbove(join(core.dataDirectory, "node/users/plugins/notes/state"))).toBeUndefined();
  expect(readableByOthers(core.dataDirectory)).toEqual([]);
});

const othersMayEnter = 0o001;
const othersMayRead = 0o004;

function closedFolderAbove(path: string): string | undefined {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & othersMayEnter) === 0) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

/** What of a folder that they may enter. */
function readableByOthers(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    const { mode } = statSync(path);
    const inside = entry.isDirectory() && (mode & othersMayEnter) !== 0 ? readableByOthers(path) : [];
    return (mode & othersMayRead) === 0 || entry.isSocket()
      ? inside
      : [relative(core.folder, path), ...inside];
  });
}
