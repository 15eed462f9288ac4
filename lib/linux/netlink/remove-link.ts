import type { Clock } from "@berth/base";
import { libc } from "../libc.ts";
import { NetlinkSocket } from "./netlink-socket.ts";
import { routeRequests } from "./route-socket.ts";

const nameBytes = 16;
const lookEveryMs = 1;

/** False once the link can be seen by nobody, which is long before the kernel has freed its memory. */
export function isLinkListed(index: number): boolean {
  return libc.if_indextoname(index, Buffer.alloc(nameBytes)) !== null;
}

/**
 * Deletes a link of the thread's namespace without holding up the thread: the kernel takes it off all lists within
 * 1 to 5 ms and then sleeps 20 to 50 ms for the last reader. Resolves at the first of the two; the rest goes on.
 * Resolves also when there is no such link.
 */
export async function removeLink(index: number, clock: Clock): Promise<void> {
  const socket = new NetlinkSocket("route");
  const deletion = { isOver: false };
  const done = socket.executeInBackground(routeRequests.deleteLink(index)).finally(() => {
    deletion.isOver = true;
    socket.close();
  });
  // Awaited only until the link is gone; a failure cannot come after that, and one before it is thrown below.
  done.catch(() => undefined);
  while (!deletion.isOver && isLinkListed(index)) await Promise.race([done, clock.sleep(lookEveryMs)]);
  if (deletion.isOver) await done;
}
