import { existsSync } from "node:fs";
import type { PersistentVolume } from "../../../api/index.ts";
import { type Check, expectThat } from "./check.ts";
import { runOneShotPod } from "./one-shot-pod.ts";

const claim = `apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: storage-check
spec:
  storageClassName: hostpath
  accessModes: [ReadWriteOnce]
  resources:
    requests:
      storage: 32Mi
`;

export const storageCheck: Check = {
  title:
    "csi-hostpath provisions a claim; the next pod reads what the first one wrote; deleting it deletes the data",
  async run(context) {
    const { kubectl } = context;
    await kubectl.apply(claim);
    await kubectl.wait("pvc/storage-check", "jsonpath={.status.phase}=Bound");
    const volumeName = await kubectl.run([
      "get",
      "pvc",
      "storage-check",
      "-o",
      "jsonpath={.spec.volumeName}",
    ]);
    const volume = await kubectl.json<PersistentVolume>(["get", "pv", volumeName]);
    await runOneShotPod(context, {
      name: "storage-writer",
      claim: "storage-check",
      script: "echo kept > /claim/word",
    });
    const log = await runOneShotPod(context, {
      name: "storage-reader",
      claim: "storage-check",
      script: "cat /claim/word",
    });
    expectThat(log.trim() === "kept", `the second pod should read "kept", it read "${log.trim()}"`);
    const folder = volume.spec?.csi?.volumeAttributes?.path;
    expectThat(
      folder === undefined || existsSync(folder),
      `volume ${volumeName} should have its data at ${folder} while the claim lives`,
    );
    await kubectl.run(["delete", "pvc", "storage-check", "--wait=true"]);
    await kubectl.wait(`pv/${volumeName}`, "delete");
    expectThat(
      folder === undefined || !existsSync(folder),
      `the data of volume ${volumeName} should be gone from ${folder} after its claim was deleted`,
    );
  },
};
