import type { CallRecording } from "../../pluginhost/contracts/index.ts";
import type { Finding } from "./finding.ts";

/** Verbs that a CSI capability promises. */
const verbsByCapability: Readonly<Record<string, readonly string[]>> = {
  STAGE_UNSTAGE_VOLUME: ["NodeStageVolume", "NodeUnstageVolume"],
  GET_VOLUME_STATS: ["NodeGetVolumeStats"],
  CREATE_DELETE_VOLUME: ["CreateVolume", "DeleteVolume"],
  PUBLISH_UNPUBLISH_VOLUME: ["ControllerPublishVolume", "ControllerUnpublishVolume"],
  CREATE_DELETE_SNAPSHOT: ["CreateSnapshot", "DeleteSnapshot"],
  EXPAND_VOLUME: ["NodeExpandVolume", "ControllerExpandVolume"],
};

/** A plugin whose own answers, as the recorder kept them, say that it can do what it then does not know. */
export function capabilityFindings(recording: CallRecording, node: string): Finding[] {
  const { calls, plugin } = recording;
  const newest = Math.max(0, ...calls.map(({ incarnation }) => incarnation));
  const own = calls.filter(({ incarnation }) => incarnation === newest);
  const claims = JSON.stringify(
    own.filter(({ verb }) => verb.endsWith("GetCapabilities")).map(({ response }) => response),
  );
  const lies = Object.entries(verbsByCapability).flatMap(([capability, verbs]) =>
    claims.includes(`"${capability}"`)
      ? own
          .filter(
            ({ verb, code }) => code === "UNIMPLEMENTED" && verbs.some((one) => verb.endsWith(`/${one}`)),
          )
          .map(({ verb }) => ({ capability, verb }))
      : [],
  );
  return lies.slice(0, 1).map(({ capability, verb }) => ({
    fault: "lying-capability",
    about: `plugin ${plugin} on node ${node}`,
    cause: `it claims ${capability}, but answers UNIMPLEMENTED to ${verb}`,
    fix: `implement ${verb}, or leave ${capability} out of its capabilities`,
    owner: "plugin author",
  }));
}
