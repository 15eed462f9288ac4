import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { checkConformance, sessionSuite } from "@berth/conformance";
import { buildSdk } from "../../tools/build/sdk.ts";
import { newPlugin } from "../../tools/scaffold/new-plugin.ts";

const root = join(import.meta.dirname, "../..");

let home: string;
let folder: string;

function run(where: string, program: string, ...argv: string[]): void {
  try {
    execFileSync(program, argv, { cwd: where, stdio: "pipe" });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: Buffer; stderr?: Buffer };
    const said = [stdout, stderr].map((text) => text?.toString() ?? "").join("\n");
    throw new Error(`${program} ${argv.join(" ")}\n${said}`, { cause: error });
  }
}

const quietly = ["--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"];

/** A plugin outside the repository that has only the packed SDK. */
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "berth-out-"));
  await mkdir(join(root, "dist"), { recursive: true });
  await buildSdk(root, join(home, "built"));
  const packed = join(home, "packed");
  await mkdir(packed);
  run(join(home, "built/sdk"), "npm", "pack", "--pack-destination", packed, ...quietly);
  const [tarball] = await readdir(packed);
  folder = join(home, "outside");
  await newPlugin({ id: "outside", contract: "device", folder, sdk: `file:../packed/${tarball}` });
  run(folder, "npm", "install", ...quietly);
});
afterAll(() => rm(home, { recursive: true, force: true }));

it("the packed SDK carries a plugin outside the repository", async () => {
  const options = { command: `node ${folder}/main.ts` };
  expect((await checkConformance(sessionSuite, "", { options })).problems).toEqual([]);
});

it("the packed SDK brings every type that a plugin's compiler asks for", () => {
  const settings =
    "--noEmit --strict --module nodenext --target es2024 --allowImportingTsExtensions --types node";
  const nodeTypes = ["--typeRoots", join(root, "node_modules/@types")];
  expect(() =>
    run(
      folder,
      join(root, "node_modules/.bin/tsc"),
      ...settings.split(" "),
      ...nodeTypes,
      "plugin.ts",
      "main.ts",
    ),
  ).not.toThrow();
});
