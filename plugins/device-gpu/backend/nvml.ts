import koffi from "koffi";

/** The functions of NVIDIA's management library that are needed here, found by name in the driver's own library. */
export interface Nvml {
  deviceCount(): number;
  handle(index: number): NvmlHandle;
  uuid(handle: NvmlHandle): string;
  name(handle: NvmlHandle): string;
  minor(handle: NvmlHandle): number;
  /** "00000000:17:00.0". */
  pciBusId(handle: NvmlHandle): string;
  driverVersion(): string;
  /** Critical errors since the last call: device and XID number. Never waits. */
  criticalErrors(): { handle: NvmlHandle; xid: number }[];
  shutdown(): void;
}

export type NvmlHandle = bigint;

/** A return code of the library that is not success. */
export class NvmlError extends Error {
  readonly code: number;

  constructor(verb: string, code: number, text: string) {
    super(`${verb}: ${text} (NVML ${code})`);
    this.name = "NvmlError";
    this.code = code;
  }
}

/** Returns that concern the device itself and not the call. */
export const gpuIsLost = 15;
const notSupported = 3;
const timedOut = 10;
const xidCriticalError = 8n;

/** nvmlPciInfo_t: busIdLegacy[16], five 32-bit numbers, busId[32]. */
const pciInfoBytes = 68;
const busIdOffset = 36;
/** nvmlEventData_t: device, eventType, eventData, then two 32-bit numbers. */
const eventBytes = 32;

/** Loads and initialises the library. Throws with what the loader says when it is not there. */
export function loadNvml(library: string): Nvml {
  const lib = koffi.load(library);
  const text = lib.func("const char *nvmlErrorString(int)") as (code: number) => string;
  const bind = (signature: string): ((...parameters: unknown[]) => number) => lib.func(signature) as never;
  const functions = {
    init: bind("int nvmlInit_v2()"),
    shutdown: bind("int nvmlShutdown()"),
    count: bind("int nvmlDeviceGetCount_v2(void *)"),
    handle: bind("int nvmlDeviceGetHandleByIndex_v2(unsigned int, void *)"),
    uuid: bind("int nvmlDeviceGetUUID(uint64_t, void *, unsigned int)"),
    name: bind("int nvmlDeviceGetName(uint64_t, void *, unsigned int)"),
    minor: bind("int nvmlDeviceGetMinorNumber(uint64_t, void *)"),
    pci: bind("int nvmlDeviceGetPciInfo_v3(uint64_t, void *)"),
    driver: bind("int nvmlSystemGetDriverVersion(void *, unsigned int)"),
    setCreate: bind("int nvmlEventSetCreate(void *)"),
    register: bind("int nvmlDeviceRegisterEvents(uint64_t, uint64_t, uint64_t)"),
    wait: bind("int nvmlEventSetWait_v2(uint64_t, void *, unsigned int)"),
    setFree: bind("int nvmlEventSetFree(uint64_t)"),
  };
  const check = (verb: string, code: number): void => {
    if (code !== 0) throw new NvmlError(verb, code, text(code));
  };
  const string = (verb: string, call: (buffer: Buffer, length: number) => number): string => {
    const buffer = Buffer.alloc(96);
    check(verb, call(buffer, buffer.length));
    return cString(buffer);
  };
  const number = (verb: string, call: (buffer: Buffer) => number): number => {
    const buffer = Buffer.alloc(4);
    check(verb, call(buffer));
    return buffer.readUInt32LE();
  };
  const pointer = (verb: string, call: (buffer: Buffer) => number): bigint => {
    const buffer = Buffer.alloc(8);
    check(verb, call(buffer));
    return buffer.readBigUInt64LE();
  };

  check("start the library", functions.init());
  const events = pointer("make an event set", (buffer) => functions.setCreate(buffer));
  const watched = new Set<NvmlHandle>();
  const watch = (handle: NvmlHandle): void => {
    if (watched.has(handle)) return;
    watched.add(handle);
    const code = functions.register(handle, xidCriticalError, events);
    if (code !== notSupported) check("watch for critical errors", code);
  };
  return {
    deviceCount: () => number("count devices", (buffer) => functions.count(buffer)),
    handle(index) {
      const handle = pointer(`open device ${index}`, (buffer) => functions.handle(index, buffer));
      watch(handle);
      return handle;
    },
    uuid: (handle) => string("read UUID", (buffer, length) => functions.uuid(handle, buffer, length)),
    name: (handle) => string("read name", (buffer, length) => functions.name(handle, buffer, length)),
    minor: (handle) => number("read minor number", (buffer) => functions.minor(handle, buffer)),
    pciBusId(handle) {
      const buffer = Buffer.alloc(pciInfoBytes);
      check("read PCI address", functions.pci(handle, buffer));
      return cString(buffer.subarray(busIdOffset));
    },
    driverVersion: () => string("read driver version", (buffer, length) => functions.driver(buffer, length)),
    criticalErrors() {
      const found: { handle: NvmlHandle; xid: number }[] = [];
      for (;;) {
        const event = Buffer.alloc(eventBytes);
        const code = functions.wait(events, event, 0);
        if (code === timedOut) return found;
        check("read events", code);
        found.push({ handle: event.readBigUInt64LE(0), xid: Number(event.readBigUInt64LE(16)) });
      }
    },
    shutdown() {
      functions.setFree(events);
      functions.shutdown();
    },
  };
}

function cString(buffer: Buffer): string {
  const end = buffer.indexOf(0);
  return buffer.toString("utf8", 0, end < 0 ? buffer.length : end);
}
