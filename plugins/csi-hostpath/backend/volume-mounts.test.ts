import { expect, it } from "vitest";
import { parseMountinfo } from "@berth/linux";
import { findVolumeMounts } from "./volume-mounts.ts";

const mounts = parseMountinfo(
  [
    "20 1 254:0 / / rw shared:1 - ext4 /dev/vda rw",
    "30 20 8:1 /disk /srv rw - ext4 /dev/sda rw",
    "31 20 0:5 / /dev rw - devtmpfs udev rw",
    "40 20 8:1 /disk/root/volumes/vol-1/data /pods/a rw,relatime - ext4 /dev/sda rw",
    "41 20 8:1 /disk/root/volumes/vol-1/data /pods/b ro,relatime - ext4 /dev/sda rw",
    "42 20 254:0 /disk/root/volumes/vol-1/data /pods/other rw - ext4 /dev/vda rw",
    "43 20 0:5 /loop3 /pods/block rw - devtmpfs udev rw",
    "44 20 0:5 /loop4 /pods/foreign rw - devtmpfs udev rw",
    "45 20 8:1 /disk/root/volumes/vol-1/data/sub /pods/sub rw - ext4 /dev/sda rw",
  ].join("\n"),
);

it("finds folders and loop devices of our volumes, and nothing of anybody else", () => {
  const loops = new Map([
    ["/srv/root/volumes/vol-2/image", "/dev/loop3"],
    ["/elsewhere/image", "/dev/loop4"],
  ]);
  expect(findVolumeMounts("/srv/root", loops, mounts)).toEqual([
    { volumeId: "vol-1", target: "/pods/a", readOnly: false },
    { volumeId: "vol-1", target: "/pods/b", readOnly: true },
    { volumeId: "vol-2", target: "/pods/block", readOnly: false },
  ]);
});
