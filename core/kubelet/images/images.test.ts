import type { Image__Output } from "@berth/proto/generated/cri/runtime/v1/Image.ts";
import { describe, expect, it } from "vitest";
import type { Secret } from "../../api/index.ts";
import { imageCredentials } from "./image-auth.ts";
import { imagesToRemove } from "./image-collector.ts";
import { pullPolicy } from "./pull-policy.ts";

describe("the pull policy of a container that names none", () => {
  it.each([
    ["web", "Always"],
    ["web:latest", "Always"],
    ["web:1", "IfNotPresent"],
    ["registry:5000/web", "Always"],
    ["web@sha256:00", "IfNotPresent"],
  ])("%s: %s", (image, policy) => {
    expect(pullPolicy({ name: "app", image })).toBe(policy);
  });
});

describe("credentials for an image", () => {
  const secret = (auths: object): Secret => ({
    metadata: { name: "pull" },
    data: { ".dockerconfigjson": Buffer.from(JSON.stringify({ auths })).toString("base64") },
  });

  it("are those of its registry, the closest path first", () => {
    const found = imageCredentials("reg.example/team/web:1", [
      secret({
        "reg.example": { username: "all" },
        "https://reg.example/team": { username: "team" },
        "other.example": { username: "no" },
      }),
    ]);
    expect(found.map(({ username }) => username)).toEqual(["team", "all"]);
  });

  it("of the default registry are found under its old address", () => {
    const found = imageCredentials("web", [secret({ "https://index.docker.io/v1/": { auth: "eDp5" } })]);
    expect(found).toEqual([{ server_address: "index.docker.io", auth: "eDp5" }]);
  });

  it("that cannot be read are none", () => {
    expect(
      imageCredentials("web", [{ metadata: { name: "x" }, data: { ".dockerconfigjson": "!" } }]),
    ).toEqual([]);
  });
});

describe("images that go when the disk is full", () => {
  const image = (id: string, size: number, pinned = false): Image__Output =>
    ({ id, size: String(size), pinned }) as Image__Output;
  const seen = new Map(["a", "b", "c", "d"].map((id, index) => [id, { firstSeen: 0, lastUsed: index }]));

  it("are the longest unused, no more than needed, never one in use, pinned or new", () => {
    const images = [image("d", 50), image("b", 50), image("a", 50, true), image("c", 50), image("new", 50)];
    const remove = (bytes: number, inUse: string[] = []): string[] =>
      imagesToRemove(images, seen, new Set(inUse), { bytes, now: 200_000, minAgeMs: 120_000 });
    expect(remove(60)).toEqual(["b", "c"]);
    expect(remove(60, ["b"])).toEqual(["c", "d"]);
    expect(remove(1_000)).toEqual(["b", "c", "d"]);
  });
});
