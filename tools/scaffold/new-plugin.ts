import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pythonFiles } from "./python-plugin.ts";
import { contractVersion, json, type NewPlugin, type ScaffoldContract } from "./scaffold.ts";

const templates = join(import.meta.dirname, "templates");

const mainText = `import { serve } from "@berth/sdk";
import { plugin } from "./plugin.ts";

await serve(plugin);
`;

/** Configuration keys that a contract cannot do without. */
const configuration: Readonly<Record<ScaffoldContract, (id: string) => object>> = {
  cri: () => ({}),
  cni: () => ({}),
  csi: (id) => ({
    driverName: {
      type: "string",
      description: "Name of the driver in StorageClasses",
      default: `${id}.example.com`,
    },
  }),
  device: (id) => ({
    resource: {
      type: "string",
      description: "Name under which pods ask for a device",
      default: `example.com/${id}`,
    },
  }),
};

/** Writes a plugin that starts, shakes hands and says truthfully that it can do next to nothing. Answers its files. */
export async function newPlugin(plugin: NewPlugin): Promise<string[]> {
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/u.test(plugin.id)) {
    throw new Error(`id ${JSON.stringify(plugin.id)}: use lower-case letters, digits and dashes, at most 63`);
  }
  const folder = resolve(plugin.folder);
  if (existsSync(folder)) throw new Error(`${folder} is there already: choose another --id or --folder`);
  await mkdir(folder, { recursive: true });
  const files = await (plugin.lang === "python" ? pythonFiles(plugin) : typescriptFiles(plugin));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return Object.keys(files);
}

async function typescriptFiles(plugin: NewPlugin): Promise<Record<string, string>> {
  return {
    "package.json": json(packageOf(plugin)),
    "plugin.json": json(manifestOf(plugin)),
    "main.ts": mainText,
    "plugin.ts": await template(`${plugin.contract}/plugin.ts`, plugin),
    "verbs.ts": await template(`${plugin.contract}/verbs.ts`, plugin),
    "test.ts": await template("first-test.ts.txt", plugin),
    "index.ts": 'export { plugin } from "./plugin.ts";\n',
    "README.md": readmeOf(plugin),
  };
}

async function template(name: string, { id }: NewPlugin): Promise<string> {
  return (await readFile(join(templates, name), "utf8")).replaceAll("__ID__", id);
}

function packageOf({ id, sdk }: NewPlugin): object {
  return {
    name: `@berth/plugin-${id}`,
    version: "0.1.0",
    private: true,
    license: "Apache-2.0",
    type: "module",
    exports: { ".": "./index.ts", "./*": "./*" },
    dependencies: { "@berth/sdk": sdk },
  };
}

function manifestOf({ id, contract }: NewPlugin): object {
  return {
    id,
    version: "0.1.0",
    contract,
    contractVersions: { [contract]: [contractVersion(contract)] },
    entry: ["${node}", "main.ts"],
    config: { type: "object", additionalProperties: false, properties: configuration[contract](id) },
  };
}

function readmeOf({ id, contract }: NewPlugin): string {
  return `# ${id}

A ${contract} plugin. It starts and shakes hands; add verbs to \`verbs.ts\`, each public method is one.

\`\`\`
node main.ts --help
node --test
node main.ts --endpoint unix:///tmp/${id}.sock --state-dir /tmp/${id}-state
\`\`\`

Checked from the Berth repository: \`node conformance/main.ts session --option "command=node THIS_FOLDER/main.ts"\`,
then \`node conformance/main.ts ${contract} --endpoint unix:///tmp/${id}.sock\`.

## Configuration

| key | default | meaning |
|---|---|---|
${Object.entries(configuration[contract](id))
  .map(([key, value]) => {
    const { default: byDefault, description } = value as { default: string; description: string };
    return `| \`${key}\` | \`${byDefault}\` | ${description} |\n`;
  })
  .join("")}
## Failures

| what goes wrong | what is answered | what to do |
|---|---|---|
| a verb that is not there | UNIMPLEMENTED | implement it |
`;
}
