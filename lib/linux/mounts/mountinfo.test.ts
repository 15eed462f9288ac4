import { expect, test } from "vitest";
import { mountsUnder, parseMountinfo } from "./mountinfo.ts";

const line = (id: number, target: string): string => `${id} 1 0:5 / ${target} rw - tmpfs none rw`;

test("a line gives ids, escaped paths, propagation and the options of mount and file system", () => {
  const text = String.raw`36 35 98:0 /sub\040dir /mnt/a\134b rw,noatime shared:7 master:1 - ext4 /dev/root rw,errors=continue`;
  expect(parseMountinfo(`${text}\n`)).toEqual([
    {
      id: 36,
      parentId: 35,
      device: "98:0",
      root: "/sub dir",
      target: String.raw`/mnt/a\b`,
      options: ["rw", "noatime"],
      propagation: ["shared:7", "master:1"],
      type: "ext4",
      source: "/dev/root",
      superOptions: ["rw", "errors=continue"],
    },
  ]);
});

test("a mount without propagation fields is read too", () => {
  expect(parseMountinfo(line(9, "/a"))[0]).toMatchObject({ propagation: [], type: "tmpfs", source: "none" });
});

test("mounts under a folder come deepest first, and of two at one place the later first", () => {
  const mounts = parseMountinfo(
    [line(1, "/"), line(2, "/run/a"), line(3, "/run/a/b"), line(4, "/run/a"), line(5, "/run/ab")].join("\n"),
  );
  expect(mountsUnder(mounts, "/run/a/").map(({ id }) => id)).toEqual([3, 4, 2]);
  expect(mountsUnder(mounts, "/").map(({ id }) => id)).toHaveLength(5);
});
