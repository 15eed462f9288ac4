/** The process that holds a lock on an inode, from the text of /proc/locks (proc_locks(5)). */
export function lockHolder(locks: string, inode: number): number | undefined {
  for (const line of locks.split("\n")) {
    const match = /^\d+: \w+\s+\w+\s+\w+\s+(\d+)\s+[0-9a-f]+:[0-9a-f]+:(\d+)\s/.exec(line);
    if (match && Number(match[2]) === inode) return Number(match[1]);
  }
  return undefined;
}
