import { describe, expect, test } from "vitest";
import {
  allCapabilities,
  capabilitiesOfMask,
  defaultCapabilities,
  resolveCapabilities,
} from "./capabilities.ts";
import { mergeProcess } from "./image-process.ts";
import { resolveUser } from "./process-user.ts";
import { clampOomScore, toSpecResources } from "./resources.ts";
import { defaultSeccompProfile } from "./seccomp.ts";

const available = allCapabilities;
const choice = { privileged: false, add: [], drop: [], ambient: [], available };

describe("capabilities", () => {
  test("without a wish they are the modest ones", () => {
    expect(resolveCapabilities(choice).bounding.toSorted()).toEqual([...defaultCapabilities].sort());
  });

  test("ALL dropped and one added leaves that one", () => {
    expect(resolveCapabilities({ ...choice, drop: ["ALL"], add: ["net_bind_service"] }).bounding).toEqual([
      "CAP_NET_BIND_SERVICE",
    ]);
  });

  test("what the machine lacks is not handed out, even to the privileged", () => {
    const less = available.filter((name) => name !== "CAP_SYS_RESOURCE");
    expect(resolveCapabilities({ ...choice, privileged: true, available: less }).bounding).toEqual(less);
  });

  test("a misspelt one is refused with the nearest", () => {
    expect(() => resolveCapabilities({ ...choice, add: ["SYS_ADMN"] })).toThrow(/did you mean SYS_ADMIN/);
  });

  test("a mask is read bit by bit", () => {
    expect(capabilitiesOfMask("0000000000000021")).toEqual(["CAP_CHOWN", "CAP_KILL"]);
  });
});

describe("the user of a process", () => {
  const files = {
    passwd: "root:x:0:0::/:/bin/sh\nweb:x:33:34::/:/bin/sh\n",
    group: "web:x:34:\nlogs:x:50:web,root\n",
  };
  const nobody = { imageUser: "", supplementalGroups: [], policy: "Merge" as const };

  test("is root when nobody says otherwise", () => {
    expect(resolveUser(nobody, files)).toMatchObject({ uid: 0, gid: 0 });
  });

  test("by name has the groups of the image", () => {
    expect(resolveUser({ ...nobody, imageUser: "web" }, files)).toEqual({
      uid: 33,
      gid: 34,
      additionalGids: [34, 50],
    });
  });

  test("under the Strict policy has only the groups of the pod", () => {
    const strict = { ...nobody, imageUser: "web", policy: "Strict" as const, supplementalGroups: [7] };
    expect(resolveUser(strict, files).additionalGids).toEqual([34, 7]);
  });

  test("of the pod wins over the image's, and a number needs no entry", () => {
    expect(resolveUser({ ...nobody, imageUser: "web:logs", runAsUser: 1000 }, files)).toMatchObject({
      uid: 1000,
      gid: 0,
    });
  });

  test("that the image does not know is refused", () => {
    expect(() => resolveUser({ ...nobody, imageUser: "ghost" }, files)).toThrow(/no user "ghost"/);
  });
});

describe("process, resources and filters", () => {
  test("a command drops the image's arguments", () => {
    const image = { Entrypoint: ["/entry"], Cmd: ["a"], Env: ["A=1"], WorkingDir: "/w" };
    const own = { command: [], args: [], workingDir: "", env: ["A=2"] };
    expect(mergeProcess(image, own)).toMatchObject({ args: ["/entry", "a"], cwd: "/w" });
    expect(mergeProcess(image, { ...own, command: ["sh"] }).args).toEqual(["sh"]);
    expect(mergeProcess(image, own).env).toContain("A=2");
    expect(mergeProcess(image, own).env).not.toContain("A=1");
  });

  test("a memory limit bounds swap too, where the kernel can", () => {
    const none = {
      cpuPeriod: 0,
      cpuQuota: 0,
      cpuShares: 0,
      memorySwapBytes: 0,
      cpus: "",
      mems: "",
      hugepages: [],
      unified: {},
    };
    expect(toSpecResources({ ...none, memoryBytes: 64 }, true).memory).toEqual({ limit: 64, swap: 64 });
    expect(toSpecResources({ ...none, memoryBytes: 64 }, false).memory).toEqual({ limit: 64 });
  });

  test("a score that cannot be set is raised to our own", () => {
    expect(clampOomScore(-997, 0, false)).toEqual({ value: 0, clamped: true });
    expect(clampOomScore(-997, 0, true)).toEqual({ value: -997, clamped: false });
  });

  test("mount is refused without CAP_SYS_ADMIN and clone3 answers as if it were not there", () => {
    const plain = defaultSeccompProfile([], "x64");
    const names = (profile: typeof plain): string[] => profile.syscalls[0]!.names;
    expect(names(plain)).not.toContain("mount");
    expect(names(defaultSeccompProfile(["CAP_SYS_ADMIN"], "x64"))).toContain("mount");
    expect(plain.syscalls.find((rule) => rule.names.includes("clone3"))).toMatchObject({
      action: "SCMP_ACT_ERRNO",
      errnoRet: 38,
    });
  });
});
