import { expect, it } from "vitest";
import { describeContract } from "@berth/proto";
import { redactedText, Redactor } from "./redactor.ts";

const cri = new Redactor(describeContract("cri"));
const csi = new Redactor(describeContract("csi"));

it("hides what the contract marks as secret, wherever it lies in a message", () => {
  const request = {
    image: { image: "hello:1" },
    auth: { username: "u", password: "p", auth: "", identity_token: "t" },
  };
  expect(cri.redact("runtime.v1.PullImageRequest", request)).toEqual({
    image: { image: "hello:1" },
    auth: { username: "u", password: redactedText, auth: "", identity_token: redactedText },
  });
  const create = { config: { envs: [{ key: "TOKEN", value: Buffer.from("x") }] } };
  expect(cri.redact("runtime.v1.CreateContainerRequest", create)).toEqual({
    config: { envs: [{ key: "TOKEN", value: redactedText }] },
  });
});

it("honours the mark of CSI itself", () => {
  const request = { volume_id: "v", secrets: { password: "p" } };
  expect(csi.redact("csi.v1.NodeStageVolumeRequest", request)).toEqual({
    volume_id: "v",
    secrets: redactedText,
  });
  expect(request.secrets.password).toBe("p");
});

it("hands a message without secrets through as it is", () => {
  const request = { pod_sandbox_id: "s" };
  expect(cri.redact("runtime.v1.StopPodSandboxRequest", request)).toBe(request);
});

it("hides in every message of a map", () => {
  const word = { type: "string", id: 1, options: { debug_redact: true } };
  const inner = { fields: { word, name: { type: "string", id: 2 } } };
  const outer = { fields: { all: { type: "Inner", id: 1, keyType: "string" } } };
  const redactor = new Redactor({ nested: { t: { nested: { Inner: inner, Outer: outer } } } });
  const all = { a: { word: "x", name: "n" }, b: { word: "", name: "n" } };
  expect(redactor.redact("t.Outer", { all })).toEqual({
    all: { a: { word: redactedText, name: "n" }, b: { word: "", name: "n" } },
  });
});
