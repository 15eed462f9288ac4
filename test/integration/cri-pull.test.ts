import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { plugin } from "../../plugins/cri-containerd/plugin.ts";
import { buildExampleImage } from "../../tools/example-image/build-example-image.ts";
import { CriNode } from "../support/cri-node.ts";
import { type PrivateContainerd, startPrivateContainerd } from "../support/private-containerd.ts";
import { startTinyRegistry, type TinyRegistry } from "../support/tiny-registry.ts";

const manifest = join(import.meta.dirname, "../../plugins/cri-containerd/plugin.json");
const login = { username: "me", password: "secret" };
const identityToken = "a-refresh-token";

describe("pulling from a registry that wants a login", () => {
  const folder = mkdtempSync(join(tmpdir(), "berth-pull-"));
  let containerd: PrivateContainerd;
  let registry: TinyRegistry;
  let node: CriNode;
  let name: string;

  beforeAll(async () => {
    const archive = join(folder, "hello.tar");
    await buildExampleImage({ output: archive, reference: "team/hello:1", busybox: "/bin/busybox" });
    registry = await startTinyRegistry({ archive, repository: "team/hello", tag: "1", login, identityToken });
    name = `${registry.host}/team/hello:1`;
    containerd = await startPrivateContainerd(manifest);
    node = await CriNode.start(plugin, {
      folder,
      bridge: "brpulltest",
      subnet: "10.99.0.0/16",
      options: { containerd: containerd.endpoint },
    });
  });

  afterAll(async () => {
    await node[Symbol.asyncDispose]();
    await containerd[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const pull = (auth?: Partial<typeof login> & { identity_token?: string }) =>
    node.cri.image.pullImage({ image: { image: name }, auth: auth ?? null });
  const images = async () => (await node.cri.image.listImages({})).images;

  test("without the login it is refused, the secret is not in the error, and nothing is left", async () => {
    await expect(pull()).rejects.toThrow(/UNAVAILABLE.*refused a token with 401/s);
    const wrong = pull({ ...login, password: "guessed" });
    await expect(wrong).rejects.toThrow(/401/);
    await expect(wrong).rejects.not.toThrow(/guessed/);
    expect(await images()).toEqual([]);
  });

  test("bytes that do not hash to their name are refused and leave no image", async () => {
    registry.corrupt = true;
    await expect(pull(login)).rejects.toThrow(/sha256/);
    registry.corrupt = false;
    expect(await images()).toEqual([]);
  });

  test("an identity token is exchanged for one that is good for this repository alone", async () => {
    registry.exchanges.length = 0;
    const wrong = pull({ identity_token: "guessed" });
    await expect(wrong).rejects.toThrow(/refused a token with 401/);
    await expect(wrong).rejects.not.toThrow(/guessed/);
    await pull({ identity_token: identityToken });
    expect(await images()).toHaveLength(1);
    expect(registry.exchanges.at(-1)).toEqual({
      grant_type: "refresh_token",
      client_id: "berth",
      refresh_token: identityToken,
      service: "tiny",
      scope: "repository:team/hello:pull",
    });
    await node.cri.image.removeImage({ image: { image: name } });
  });

  test("with the login the image comes once, is known by tag and digest, and goes whole", async () => {
    registry.blobsServed.length = 0;
    const { image_ref } = await pull(login);
    expect(registry.blobsServed).toHaveLength(2);
    const [image] = await images();
    expect(image).toMatchObject({ id: image_ref, repo_tags: [name] });
    await pull(login);
    expect(registry.blobsServed).toHaveLength(2);
    await node.cri.image.removeImage({ image: { image: name } });
    expect(await images()).toEqual([]);
    await pull(login);
    expect(registry.blobsServed).toHaveLength(4);
  });
});
