import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkConformance, sessionSuite } from "@berth/conformance";
import { newPlugin } from "../../tools/scaffold/new-plugin.ts";

const built = join(import.meta.dirname, "../../dist/sdk");
const isBuilt = existsSync(join(built, "package.json"));
if (!isBuilt) console.warn("SKIPPED: dist/sdk is not there; npm run build makes it");

function npm(folder: string, ...argv: string[]): void {
  execFileSync("npm", [...argv, "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"], {
    cwd: folder,
    stdio: "pipe",
  });
}

describe.skipIf(!isBuilt)("the packed SDK", () => {
  it("carries a plugin outside the repository", async () => {
    const home = await mkdtemp(join(tmpdir(), "berth-out-"));
    try {
      npm(built, "pack", "--pack-destination", home);
      const [tarball] = await readdir(home);
      const folder = join(home, "outside");
      await newPlugin({ id: "outside", contract: "csi", folder, sdk: `file:../${tarball}` });
      npm(folder, "install");
      expect(existsSync(join(folder, "node_modules/@berth/sdk/index.js"))).toBe(true);
      const options = { command: `node ${folder}/main.ts` };
      expect((await checkConformance(sessionSuite, "", { options })).problems).toEqual([]);
    } finally {
      await rm(home, { recursive: true, force: true });
    }
  });
});
