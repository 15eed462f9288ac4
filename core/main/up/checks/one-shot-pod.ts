import { type CheckContext } from "./check.ts";

export interface OneShotPod {
  readonly name: string;
  /** Shell script; the pod ends with it. */
  readonly script: string;
  readonly runtimeClassName?: string;
  readonly claim?: string;
}

/** Runs a script in a pod of its own, answers its log, and deletes it. Rejects with the log when the script failed. */
export async function runOneShotPod(context: CheckContext, pod: OneShotPod): Promise<string> {
  const { kubectl } = context;
  await kubectl.apply(JSON.stringify(manifest(context.image, pod)));
  try {
    await kubectl.wait(`pod/${pod.name}`, "jsonpath={.status.phase}=Succeeded", 60);
    return await kubectl.run(["logs", pod.name]);
  } catch (error) {
    const log = await kubectl.run(["logs", pod.name]).catch((reason: Error) => reason.message);
    throw new Error(`pod ${pod.name} did not succeed; its log reads: ${log}`, { cause: error });
  } finally {
    await kubectl.run(["delete", "pod", pod.name, "--ignore-not-found", "--wait=true"]);
  }
}

function manifest(image: string, pod: OneShotPod): unknown {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: pod.name },
    spec: {
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 1,
      ...(pod.runtimeClassName && { runtimeClassName: pod.runtimeClassName }),
      containers: [
        {
          name: "script",
          image,
          command: ["sh", "-ec", pod.script],
          ...(pod.claim && { volumeMounts: [{ name: "claim", mountPath: "/claim" }] }),
        },
      ],
      ...(pod.claim && { volumes: [{ name: "claim", persistentVolumeClaim: { claimName: pod.claim } }] }),
    },
  };
}
