import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PullSecrets } from "../../core/pluginhost/contracts/pull-secrets.ts";
import type { PluginSpec } from "../../core/pluginhost/contracts/plugin-types.ts";
import { digestFolder } from "../../core/pluginhost/package/package-digest.ts";
import { FolderPackageStore } from "../../core/pluginhost/package/package-store.ts";
import { hasRegistry, registryLogin, startOciRegistry } from "../support/oci-registry.ts";

const program = "#!/bin/sh\nexit 3\n";
const manifest = JSON.stringify({
  id: "tool",
  version: "1.2.3",
  contract: "cni",
  contractVersions: { cni: ["v1"] },
  entry: ["./tool"],
});

let root: string;
let digest: string;
const path = process.env["PATH"];

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), "berth-login-"));
  const folder = join(root, "package");
  mkdirSync(folder);
  writeFileSync(join(folder, "plugin.json"), manifest);
  writeFileSync(join(folder, "tool"), program, { mode: 0o755 });
  digest = await digestFolder(folder);
});

afterEach(() => {
  process.env["PATH"] = path;
  rmSync(root, { recursive: true, force: true });
});

type Logins = { registryAuthFile?: string; npmrc?: string; pullSecrets?: PullSecrets };

const secret = { namespace: "kube-system", name: "acme" };
/** An API in which there is this one Secret. */
const secretWith = (data: Record<string, string>): Logins => ({
  pullSecrets: { read: async ({ name }) => (name === secret.name ? data : undefined) },
});

/** The folder from which it would be executed, or the reason why it would not. */
async function prepared(source: PluginSpec["source"], logins: Logins): Promise<string> {
  const store = new FolderPackageStore(mkdtempSync(join(root, "kept-")), logins);
  return store.prepare({ contract: "cni", source, digest }).then(
    ({ folder }) => folder,
    (error: Error) => error.message,
  );
}

function written(name: string, text: string, mode = 0o600): string {
  const file = join(root, name);
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

describe.skipIf(!hasRegistry)("an OCI registry behind htpasswd (needs the package docker-registry)", () => {
  /** As `oras push REFERENCE plugin.json tool` sends them: two files without modes. */
  const layers = Object.entries({ "plugin.json": manifest, tool: program }).map(([title, text]) => ({
    bytes: Buffer.from(text),
    mediaType: "application/vnd.oci.image.layer.v1",
    annotations: { "org.opencontainers.image.title": title },
  }));
  const pair = (password: string): string =>
    Buffer.from(`${registryLogin.username}:${password}`).toString("base64");

  it("gives an artifact of single files to a login of the auth file, and what is a program may be executed", async () => {
    await using registry = await startOciRegistry(root, { closed: true });
    const reference = await registry.push("acme/tool", "1.2.3", layers);
    const auths = { [`${registry.host}/acme`]: { auth: pair(registryLogin.password) } };
    const file = written("auth.json", JSON.stringify({ auths }));
    const folder = await prepared({ oci: { reference } }, { registryAuthFile: file });
    expect(folder).toContain(digest.replace(":", "-"));
    expect(statSync(join(folder, "tool")).mode & 0o111).toBe(0o111);
    expect(statSync(join(folder, "plugin.json")).mode & 0o111).toBe(0);
  });

  it("refuses nobody, a stranger, and a login for another repository, and no reason holds a password", async () => {
    await using registry = await startOciRegistry(root, { closed: true });
    const reference = await registry.push("acme/tool", "1.2.3", layers);
    const login = (name: string, password: string): Logins => {
      const auths = { [name]: { auth: pair(password) } };
      return { registryAuthFile: written("auth.json", JSON.stringify({ auths })) };
    };
    const reasons = [
      await prepared({ oci: { reference } }, {}),
      await prepared({ oci: { reference } }, login(registry.host, "wrong-word")),
      await prepared({ oci: { reference } }, login(`${registry.host}/other`, registryLogin.password)),
    ];
    expect(reasons[0]).toContain("needs a login, and none was given");
    expect(reasons[1]).toContain("answered 401");
    expect(reasons[2]).toContain("needs a login");
    expect(reasons.join()).not.toMatch(/wrong-word|let-me-in/);
  });

  it("gives it to the login of the Secret that the source names, and of no file instead", async () => {
    await using registry = await startOciRegistry(root, { closed: true });
    const reference = await registry.push("acme/tool", "1.2.3", layers);
    const { username, password } = registryLogin;
    const source = { oci: { reference, pullSecret: secret } };
    const auths = (name: string, login: object): string => JSON.stringify({ auths: { [name]: login } });
    const good = auths(registry.host, { auth: pair(password) });
    const file = { registryAuthFile: written("auth.json", good) };
    const apart = { ".dockerconfigjson": auths(`http://${registry.host}`, { username, password }) };
    expect(await prepared(source, secretWith({ ".dockerconfigjson": good }))).toContain(digest.slice(7));
    expect(await prepared(source, secretWith(apart))).toContain(digest.slice(7));
    const helpers = JSON.stringify({ credHelpers: { [registry.host]: "mine" }, credsStore: "mine" });
    written("docker-credential-mine", `#!/bin/sh\ntouch ${root}/asked\n`, 0o755);
    process.env["PATH"] = `${root}:${path}`;
    const reasons = [
      await prepared(source, file),
      await prepared(
        { oci: { reference, pullSecret: { ...secret, name: "gone" } } },
        { ...file, ...secretWith({}) },
      ),
      await prepared(source, { ...file, ...secretWith({ other: good }) }),
      await prepared(source, {
        ...file,
        ...secretWith({ ".dockerconfigjson": auths("oci.example.com", {}) }),
      }),
      await prepared(source, { ...file, ...secretWith({ ".dockerconfigjson": helpers }) }),
      await prepared(source, secretWith({ ".dockerconfigjson": `no-json ${password}` })),
    ];
    expect(reasons).toEqual([
      "Secret kube-system/acme cannot be read: there is no API to ask for it",
      "there is no Secret kube-system/gone",
      "Secret kube-system/acme has no key .dockerconfigjson",
      `.dockerconfigjson of Secret kube-system/acme has no login for ${registry.host}/acme/tool`,
      `.dockerconfigjson of Secret kube-system/acme has no login for ${registry.host}/acme/tool`,
      ".dockerconfigjson of Secret kube-system/acme is not JSON",
    ]);
    expect(existsSync(join(root, "asked")), "a Secret had a program run").toBe(false);
  });

  it("gives it to a login that a credential helper knows, which is told the server on standard input alone", async () => {
    await using registry = await startOciRegistry(root, { closed: true });
    const reference = await registry.push("acme/tool", "1.2.3", layers);
    const { username, password } = registryLogin;
    const answer = JSON.stringify({ Username: username, Secret: password });
    const script = `#!/bin/sh\nread server\necho "$* $server" > ${root}/asked\necho '${answer}'\n`;
    written("docker-credential-mine", script, 0o755);
    process.env["PATH"] = `${root}:${path}`;
    const file = written("auth.json", JSON.stringify({ credHelpers: { [registry.host]: "mine" } }));
    const folder = await prepared({ oci: { reference } }, { registryAuthFile: file });
    expect(folder).toContain(digest.replace(":", "-"));
    expect(readFileSync(join(root, "asked"), "utf8")).toBe(`get ${registry.host}\n`);
  });

  it("says of a helper that is not there, or fails, which one it is, and nothing that it printed", async () => {
    const reference = "oci.example.com/acme/tool:1.2.3";
    const file = written("auth.json", JSON.stringify({ credsStore: "mine" }));
    expect(await prepared({ oci: { reference } }, { registryAuthFile: file })).toContain(
      "docker-credential-mine gives no login for oci.example.com: the program is not there",
    );
    written("docker-credential-mine", "#!/bin/sh\necho hidden-word\nexit 7\n", 0o755);
    process.env["PATH"] = `${root}:${path}`;
    const reason = await prepared({ oci: { reference } }, { registryAuthFile: file });
    expect(reason).toContain("it ended with status 7");
    expect(reason).not.toContain("hidden-word");
  });

  it("believes no auth file that others may write", async () => {
    const file = written("auth.json", "{}", 0o666);
    const reason = await prepared({ oci: { reference: "oci.example.com/a:1" } }, { registryAuthFile: file });
    expect(reason).toContain(`others may write it; chmod go-w ${file}`);
  });
});

describe("an npm registry that asks for a token", () => {
  it("gives a package to the token of the .npmrc, which goes to that registry alone", async () => {
    const tar = pack();
    tar.entry({ name: "package/plugin.json" }, manifest);
    tar.entry({ name: "package/tool", mode: 0o755 }, program);
    tar.finalize();
    const bytes = gzipSync(await buffer(tar));
    const integrity = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
    const server = createServer((request, response) => {
      if (request.headers.authorization !== "Bearer npm-word") return response.writeHead(401).end();
      const { port } = server.address() as AddressInfo;
      if (request.url?.endsWith(".tgz")) return response.end(bytes);
      const dist = { tarball: `http://127.0.0.1:${port}/tool.tgz`, integrity };
      return response.end(JSON.stringify({ versions: { "1.2.3": { dist } } }));
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const source = { npm: { package: "tool@1.2.3", registry: `http://${host}` } };
    const npmrc = (at: string): Logins => ({
      npmrc: written(".npmrc", `//${at}/:_authToken=\${TEST_NPM_WORD}\n`),
    });
    try {
      process.env["TEST_NPM_WORD"] = "npm-word";
      expect(await prepared(source, npmrc(host))).toContain(digest.replace(":", "-"));
      expect(await prepared(source, npmrc("npm.example.com"))).toContain("answered 401");
      expect(await prepared(source, {})).toContain("it needs a login (pullSecret, or --npmrc of the node)");
      const named = { npm: { ...source.npm, pullSecret: secret } };
      const line = (value: string) => secretWith({ ".npmrc": `//${host}/:_authToken=${value}` });
      expect(await prepared(named, line("npm-word"))).toContain(digest.replace(":", "-"));
      expect(await prepared(named, line("${TEST_NPM_WORD}"))).toContain("a Secret holds the login itself");
      expect(await prepared(named, { ...npmrc(host), ...secretWith({ ".npmrc": "" }) })).toBe(
        `.npmrc of Secret kube-system/acme has no login for http://${host}`,
      );
    } finally {
      delete process.env["TEST_NPM_WORD"];
      server.close();
      server.closeAllConnections();
    }
  });
});
