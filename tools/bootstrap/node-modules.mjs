import { join } from "node:path";
import { fingerprint, onChange } from "./fingerprint.mjs";
import { run } from "./run.mjs";

const root = join(import.meta.dirname ?? new URL(".", import.meta.url).pathname, "../..");

/** Installs exactly what the lockfile pins, Node 24 among it; no package's script is run. */
export async function installNodeModules(say) {
  const installed = await onChange(
    join(root, "node_modules/.berth-installed"),
    fingerprint(root, ["package-lock.json"]),
    async () => {
      say("installing from the lockfile…");
      await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
        cwd: root,
        next: "Check that the npm registry can be reached, then run the same command again.",
      });
    },
  );
  return installed ? "installed" : undefined;
}
