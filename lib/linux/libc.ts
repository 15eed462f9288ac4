import koffi from "koffi";

/** The C library of this process, bound without an install script. Every function acts on the calling thread. */
const library = koffi.load(null);

type Bytes = Uint8Array;

const bySending = library.func("long send(int, const void *, size_t, int)");

/** A bound function returns the C result; the error number of a failure is {@link lastErrno}, read at once. */
export const libc = {
  mount: library.func("int mount(const char *, const char *, const char *, unsigned long, const char *)") as (
    source: string | null,
    target: string,
    type: string | null,
    flags: number,
    data: string | null,
  ) => number,
  umount2: library.func("int umount2(const char *, int)") as (target: string, flags: number) => number,
  unshare: library.func("int unshare(int)") as (flags: number) => number,
  setns: library.func("int setns(int, int)") as (fd: number, type: number) => number,
  mknod: library.func("int mknod(const char *, unsigned int, unsigned long)") as (
    path: string,
    mode: number,
    device: number,
  ) => number,
  flock: library.func("int flock(int, int)") as (fd: number, operation: number) => number,
  prctl: library.func("int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)") as (
    option: number,
    a: number,
    b: number,
    c: number,
    d: number,
  ) => number,
  socket: library.func("int socket(int, int, int)") as (
    domain: number,
    type: number,
    protocol: number,
  ) => number,
  send: bySending as unknown as (fd: number, bytes: Bytes, length: number, flags: number) => number,
  /** On another thread, for a call that may sleep in the kernel. Its error number is lost. */
  sendAsync: bySending.async.bind(bySending) as (
    fd: number,
    bytes: Bytes,
    length: number,
    flags: number,
    done: (error: Error | null, sent: number) => void,
  ) => void,
  recv: library.func("long recv(int, void *, size_t, int)") as (
    fd: number,
    bytes: Bytes,
    length: number,
    flags: number,
  ) => number,
  getsockopt: library.func("int getsockopt(int, int, int, void *, void *)") as (
    fd: number,
    level: number,
    option: number,
    value: Bytes,
    length: Bytes,
  ) => number,
  setsockopt: library.func("int setsockopt(int, int, int, const void *, unsigned int)") as (
    fd: number,
    level: number,
    option: number,
    value: Bytes,
    length: number,
  ) => number,
  poll: library.func("int poll(void *, unsigned long, int)") as (
    fds: Bytes,
    count: number,
    timeoutMs: number,
  ) => number,
  ioctl: library.func("int ioctl(int, unsigned long, void *)") as (
    fd: number,
    request: number,
    argument: Bytes,
  ) => number,
  if_indextoname: library.func("void *if_indextoname(unsigned int, void *)") as (
    index: number,
    name: Bytes,
  ) => unknown,
  /** Up to four integer arguments, for calls that the C library has no function for. */
  syscall: library.func("long syscall(long, long, long, long, long)") as (
    number: number,
    a: number,
    b: number,
    c: number,
    d: number,
  ) => number,
};

/** The error number left by the last call on this thread. */
export function lastErrno(): number {
  return koffi.errno();
}

/** Numbers that are the same on every architecture, because they were added after the tables were unified. */
export const syscallNumber = { pidfdSendSignal: 424, pidfdOpen: 434 } as const;
