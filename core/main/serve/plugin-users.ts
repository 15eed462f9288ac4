import { readFileSync } from "node:fs";

/**
 * In the range that systemd's table of users and groups, "Users, Groups, UIDs and GIDs on systemd systems", lists as
 * unused: neither accounts, dynamic users nor containers are given numbers from it.
 */
const firstUid = 1_900_000_000;
const mostPlugins = 10_000;

/** Users for plugins that want no privilege; none where this process may not hand out such numbers. */
export function pluginUsers(): { readonly firstUid?: number } {
  const maps = ["uid", "gid"].map((of) => readFileSync(`/proc/self/${of}_map`, "utf8"));
  return maps.every(holdsPluginUsers) ? { firstUid } : {};
}

/** @param map of a user namespace, as in /proc/PID/uid_map: first number inside, first outside, how many */
export function holdsPluginUsers(map: string): boolean {
  return map.split("\n").some((line) => {
    const [first = 0, , count = 0] = line.trim().split(/\s+/).map(Number);
    return first <= firstUid && firstUid + mostPlugins <= first + count;
  });
}
