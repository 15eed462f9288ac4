import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { contractVersion, json, type NewPlugin, type ScaffoldContract } from "./scaffold.ts";

const templates = join(import.meta.dirname, "templates/python");
/** What is the same in every plugin in Python is what the example has. */
const example = join(import.meta.dirname, "../../examples/plugins/python");

/** By which verb a host finds that a plugin without our SDK is alive. */
const probes: Readonly<Record<ScaffoldContract, string>> = {
  cri: "/runtime.v1.RuntimeService/Status",
  csi: "/csi.v1.Identity/Probe",
  cni: "/berth.cni.v1.NetworkPlugin/Version",
  device: "/v1beta1.DevicePlugin/GetDevicePluginOptions",
};

/** The files of a plugin in Python: no SDK, no generated code, Debian's python3-grpcio alone. */
export async function pythonFiles(plugin: NewPlugin): Promise<Record<string, string>> {
  const { id, contract } = plugin;
  const filled = async (file: string): Promise<string> =>
    (await readFile(join(templates, file), "utf8"))
      .replaceAll("__ID__", id)
      .replaceAll("__PROBE__", probes[contract]);
  return {
    "plugin.json": json({
      id,
      version: "0.1.0",
      contract,
      contractVersions: { [contract]: [contractVersion(contract)] },
      sdk: false,
      entry: ["/usr/bin/python3", "-B", "main.py", "${socket}"],
    }),
    "main.py": await readFile(join(example, "main.py"), "utf8"),
    "wire.py": await readFile(join(example, "wire.py"), "utf8"),
    "verbs.py": await filled(`${contract}.py`),
    "test_plugin.py": await filled("test_plugin.py"),
    "README.md": readme(plugin),
  };
}

function readme({ id, contract }: NewPlugin): string {
  return `# ${id}

A ${contract} plugin in Python, without an SDK; it needs Debian's \`python3-grpcio\`. It starts and answers the host's probe;
add verbs to \`verbs.py\`. \`wire.py\` reads and writes the fields of messages; the contract's .proto has their numbers.

\`\`\`
/usr/bin/python3 -m unittest
/usr/bin/python3 main.py /tmp/${id}.sock
berth plugin dev THIS_FOLDER
\`\`\`

Checked from the Berth repository: \`node conformance/main.ts ${contract} --endpoint unix:///tmp/${id}.sock\`.
`;
}
