import { BerthError } from "@berth/base";
import { invalidSpec } from "../oci-error.ts";
import type { ProcessUser } from "./runtime-spec.ts";

/** Text of the container's own user files; undefined when its root file system has none. */
export interface UserFiles {
  passwd: string | undefined;
  group: string | undefined;
}

export interface UserChoice {
  /** The image's `USER`: "", "1000", "nobody", "1000:1000", "nobody:nogroup". */
  imageUser: string;
  runAsUser?: number;
  runAsUsername?: string;
  runAsGroup?: number;
  supplementalGroups: readonly number[];
  /** Strict: only the groups the pod names; Merge: also those /etc/group gives the user. */
  policy: "Merge" | "Strict";
}

const maxId = 2 ** 31 - 1;

/** Who the container's process is. The pod's fields win over the image's; a name must exist in the image. */
export function resolveUser(choice: UserChoice, files: UserFiles): ProcessUser {
  const [imageName = "", imageGroup] = choice.imageUser.split(":");
  const named =
    choice.runAsUsername === undefined || choice.runAsUsername === "" ? imageName : choice.runAsUsername;
  const wanted = choice.runAsUser === undefined ? named : String(choice.runAsUser);
  const entry = findUser(wanted === "" ? "0" : wanted, files.passwd);
  const ownGroup =
    choice.runAsUser === undefined && imageGroup !== undefined && imageGroup !== ""
      ? findGroup(imageGroup, files.group)
      : entry.gid;
  const gid = choice.runAsGroup ?? ownGroup;
  const fromImage =
    choice.policy === "Merge" && entry.name !== undefined ? groupsOf(entry.name, files.group) : [];
  const additional = [...new Set([gid, ...choice.supplementalGroups, ...fromImage])];
  return { uid: entry.uid, gid, additionalGids: additional };
}

function findUser(wanted: string, passwd: string | undefined): { name?: string; uid: number; gid: number } {
  const rows = tableRows(passwd);
  const number = idOf(wanted);
  const row = rows.find((fields) =>
    number === undefined ? fields[0] === wanted : Number(fields[2]) === number,
  );
  if (row) return { name: row[0]!, uid: Number(row[2]), gid: Number(row[3]) };
  if (number !== undefined) return { uid: number, gid: 0 };
  throw new BerthError(invalidSpec, `the image has no user "${wanted}" in its /etc/passwd`);
}

function findGroup(wanted: string, group: string | undefined): number {
  const number = idOf(wanted);
  if (number !== undefined) return number;
  const row = tableRows(group).find((fields) => fields[0] === wanted);
  if (row) return Number(row[2]);
  throw new BerthError(invalidSpec, `the image has no group "${wanted}" in its /etc/group`);
}

function groupsOf(user: string, group: string | undefined): number[] {
  return tableRows(group)
    .filter((fields) => (fields[3] ?? "").split(",").includes(user))
    .map((fields) => Number(fields[2]));
}

function idOf(text: string): number | undefined {
  if (!/^\d+$/.test(text)) return undefined;
  const id = Number(text);
  if (id > maxId)
    throw new BerthError(invalidSpec, `user or group ${text} is above the largest id, ${maxId}`);
  return id;
}

function tableRows(text: string | undefined): string[][] {
  return (text ?? "")
    .split("\n")
    .map((line) => line.trim().split(":"))
    .filter((fields) => fields.length >= 3 && /^\d+$/.test(fields[2]!));
}
