import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { BerthError, type Disposable } from "@berth/base";
import { type FileLock, readLockHolder, tryLockFile } from "@berth/linux";
import { nodeTaken } from "../errors.ts";
import { DeviceRegistration } from "./device-registration.ts";
import { RegistrationFolder, type RegistrationParts } from "./registration-folder.ts";
import { processName, socketHolder } from "./socket-holder.ts";

/** The kubelet's own layout, held by one node: upstream plugins find it there and register. */
export class KubeletRoot implements Disposable {
  readonly label: string;
  readonly #lock: FileLock;
  readonly #registrations: RegistrationFolder;
  readonly #devices: DeviceRegistration;

  private constructor(
    root: string,
    lock: FileLock,
    registrations: RegistrationFolder,
    devices: DeviceRegistration,
  ) {
    this.label = `kubelet root ${root}`;
    this.#lock = lock;
    this.#registrations = registrations;
    this.#devices = devices;
  }

  /** Rejects with {@link nodeTaken} naming the holder when another node, or a real kubelet, has it. */
  static async open(root: string, parts: RegistrationParts): Promise<KubeletRoot> {
    await mkdir(root, { recursive: true, mode: 0o750 });
    const lock = takeLock(root);
    try {
      const devices = join(root, "device-plugins");
      // A real kubelet takes no lock in its root, but it always serves there.
      const kubelet = await socketHolder(join(devices, "kubelet.sock"));
      if (kubelet !== undefined) {
        throw new BerthError(
          nodeTaken,
          `kubelet root ${root} is held by ${kubelet}, which serves on ${devices}/kubelet.sock`,
        );
      }
      const registration = await DeviceRegistration.listen(devices, parts);
      return new KubeletRoot(
        root,
        lock,
        new RegistrationFolder(join(root, "plugins_registry"), parts),
        registration,
      );
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  async dispose(): Promise<void> {
    await this.#registrations.dispose();
    await this.#devices.dispose();
    this.#lock.release();
  }
}

function takeLock(root: string): FileLock {
  const path = join(root, "berth.lock");
  const lock = tryLockFile(path);
  if (lock) return lock;
  throw new BerthError(nodeTaken, `kubelet root ${root} is held by ${processName(readLockHolder(path))}`);
}
