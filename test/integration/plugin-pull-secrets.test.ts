import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { digestFolder } from "../../core/pluginhost/package/package-digest.ts";
import { dist } from "../support/built-core.ts";
import { hasRegistry, registryLogin, startOciRegistry } from "../support/oci-registry.ts";
import { UserCore } from "../support/user-core.ts";

const folder = join(dist, "plugins/cni-bridge");
const namespace = "kube-system";
const { username, password } = registryLogin;
let core: UserCore;

beforeAll(async () => {
  core = await UserCore.prepare("pulls");
  await core.start("--ephemeral");
}, 120_000);
afterAll(() => core[Symbol.asyncDispose](), 60_000);

test.skipIf(!hasRegistry)(
  "a plugin of a closed registry waits for the Secret that its source names, starts with it, and nobody can read the login anywhere else (needs the package docker-registry)",
  async () => {
    await using registry = await startOciRegistry(core.folder, { closed: true });
    const tar = execa("tar", ["-C", folder, "-cf", "-", "."], { encoding: "buffer", stdout: "pipe" });
    const mediaType = "application/vnd.oci.image.layer.v1.tar";
    const bytes = await buffer(tar.stdout);
    const reference = await registry.push("acme/net", "1.0.0", [{ bytes, mediaType }]);
    const source = { oci: { reference, pullSecret: { namespace, name: "acme" } } };
    const spec = {
      contract: "cni",
      source,
      digest: await digestFolder(folder),
      grants: ["root", "hostNetwork"],
    };
    await core.apply({ apiVersion: "berth.dev/v1alpha1", kind: "Plugin", metadata: { name: "net" }, spec });
    const instance = ["get", "plugininstance", "net.pulls", "-o", "wide"];
    await core.shows(["refused", `there is no Secret ${namespace}/acme`], ...instance);
    const told = await core.kubectl("get", "plugininstance", "net.pulls", "-o", "jsonpath={.status.code}");
    expect(told.text).toBe("BERTH_PLUGIN_PULL_SECRET");

    const login = ["--docker-server", registry.host, "--docker-username", username];
    const made = await core.kubectl(
      ...["create", "secret", "docker-registry", "acme", "-n", namespace],
      ...[...login, "--docker-password", password],
    );
    expect(made).toMatchObject({ code: 0 });
    await core.shows(["ready"], ...instance);

    const pinned = await core.berth(
      "plugin",
      "pin",
      `oci:${reference}`,
      "--pull-secret",
      `${namespace}/acme`,
    );
    expect(JSON.parse(pinned.text)).toMatchObject({ spec: { source, digest: spec.digest } });
    const refused = await core.berth("plugin", "pin", `oci:${reference}`, "--pull-secret", "acme");
    expect(refused.text).toContain("It must be NAMESPACE/NAME of a Secret");

    // An upgrade from a registry with another login reads that one, keeps it in the source, or changes nothing.
    const newer = join(core.folder, "newer");
    cpSync(folder, newer, { recursive: true });
    const manifest = join(newer, "plugin.json");
    writeFileSync(manifest, readFileSync(manifest, "utf8").replace('"0.1.0"', '"0.2.0"'));
    const next = execa("tar", ["-C", newer, "-cf", "-", "."], { encoding: "buffer", stdout: "pipe" });
    const layer = { bytes: await buffer(next.stdout), mediaType };
    const upgraded = await registry.push("acme/net", "1.1.0", [layer]);
    const upgrade = (secret: string) =>
      core.berth(
        ...["plugin", "upgrade", "net", `oci:${upgraded}`],
        ...["--pull-secret", `${namespace}/${secret}`, "-o", "json"],
      );
    expect(await upgrade("other")).toMatchObject({
      code: 1,
      text: expect.stringContaining(`there is no Secret ${namespace}/other`),
    });
    await core.kubectl(
      ...["create", "secret", "docker-registry", "other", "-n", namespace],
      ...[...login, "--docker-password", password],
    );
    expect(await upgrade("other")).toMatchObject({ code: 0 });
    const spelt = await core.kubectl("get", "plugin", "net", "-o", "jsonpath={.spec.source}");
    expect(JSON.parse(spelt.text)).toEqual({
      oci: { reference: upgraded, pullSecret: { namespace, name: "other" } },
    });
    await core.shows(["ready", "0.2.0"], ...instance);

    const shown = [
      readFileSync(core.logFile, "utf8"),
      ...(await Promise.all(
        ["events", "plugins", "plugininstances", "controllerrevisions"].map(
          async (kind) => (await core.kubectl("get", kind, "-A", "-o", "yaml")).text,
        ),
      )),
    ].join("\n");
    expect(shown).toContain(`there is no Secret ${namespace}/acme`);
    const pair = Buffer.from(`${username}:${password}`).toString("base64");
    for (const word of [password, pair, Buffer.from(password).toString("base64")])
      expect(shown).not.toContain(word);
  },
  120_000,
);
