import { basename } from "node:path";
import { errorCatalogue } from "@berth/base";
import type { PluginInstance, PluginInstanceStatus } from "../../api/index.ts";
import * as errors from "../../pluginhost/errors.ts";
import type { Fault, Finding } from "./finding.ts";

type Diagnosis = Omit<Finding, "about" | "fix"> & { fix: string };

const faultByCode: Readonly<Record<string, Fault>> = {
  [errors.wrongDigest.code]: "wrong-digest",
  [errors.wrongVersion.code]: "wrong-version",
  [errors.badConfig.code]: "config-typo",
  [errors.pathTooLong.code]: "path-too-long",
  [errors.startHung.code]: "hung-start",
  [errors.handshakeRefused.code]: "lying-capability",
};

/**
 * What is wrong with the plugins of a node, without what only follows from something else that is wrong: a stale socket
 * of a registration folder, named after its driver as node-driver-registrar does, says it for the plugin too.
 */
export function pluginFindings(
  instances: readonly PluginInstance[],
  staleSockets: readonly string[] = [],
): Finding[] {
  const found = instances.flatMap((instance) => {
    const { plugin, nodeName, contract } = instance.spec;
    const diagnosis = instance.status && diagnose(instance.status, plugin);
    if (diagnosis?.fault === "stale-socket" && !instance.metadata.ownerReferences?.length) {
      if (staleSockets.some((path) => basename(path).startsWith(plugin))) return [];
      diagnosis.fix = "start that program again: it registers itself";
    }
    return diagnosis ? [{ contract, about: `plugin ${plugin} on node ${nodeName}`, ...diagnosis }] : [];
  });
  const roots = found.filter(({ fault }) => fault !== "unhealthy-dependency");
  const containerd = roots.find(({ fault }) => fault === "containerd-unreachable");
  return found
    .filter(
      ({ fault, cause }) => fault !== "unhealthy-dependency" || !roots.some((root) => follows(cause, root)),
    )
    .filter((one) => one.fault !== "containerd-unreachable" || one === containerd)
    .map(({ contract: _, ...finding }) => finding);
}

/** Whether somebody waits for what another finding explains. */
function follows(cause: string, { contract, fault }: { contract: string; fault: Fault }): boolean {
  if (fault === "containerd-unreachable" && cause.includes("runtime")) return true;
  return cause.includes(`contract:${contract}`) || (contract === "cni" && cause.includes("network"));
}

function diagnose(status: PluginInstanceStatus, plugin: string): Diagnosis | undefined {
  const { state, reason = "", code, lastCause } = status;
  if (state === "ready" || state === "disabled" || state === "stopped") return undefined;
  if (code !== undefined) return byCode(code, reason);
  const updated = status.conditions?.find(({ type }) => type === "Updated");
  if (updated?.status === "False") return update(updated.message, plugin);
  if (state === "waiting" || state === "degraded") return dependency(reason);
  if (!lastCause) return undefined;
  return ended(lastCause, plugin, state !== "starting" || (status.restarts ?? 0) > 1);
}

function byCode(code: string, reason: string): Diagnosis {
  const next = errorCatalogue.get(code)?.next ?? "";
  const cause = reason.replace(next, "").trim();
  return { fault: faultByCode[code] ?? "refused", cause, fix: next, owner: ownerOf(code) };
}

/** The former definition serves on; the new one was refused, or its process failed. */
function update(message: string, plugin: string): Diagnosis {
  const known = [...errorCatalogue.values()].find(({ next }) => message.includes(next));
  if (known) return byCode(known.code, message);
  return {
    fault: "refused",
    cause: message,
    fix: `correct what the log of the failed process names, or berth plugin rollback ${plugin}`,
    owner: "plugin author",
  };
}

function ownerOf(code: string): Finding["owner"] {
  const authors = [errors.badManifest, errors.handshakeRefused, errors.startHung, errors.startFailed];
  return authors.some((error) => error.code === code) ? "plugin author" : "operator";
}

function dependency(reason: string): Diagnosis | undefined {
  // The machine's own finding says it once for all plugins.
  if (reason.includes("is full")) return undefined;
  const socket = /nobody serves on (\S+)|unix:\/\/(\S+) did not answer/.exec(reason);
  if (/containerd/i.test(reason)) return containerdUnreachable(reason);
  if (socket)
    return {
      fault: "stale-socket",
      cause: `nobody serves on ${socket[1] ?? socket[2]}`,
      fix: "start the program that serves there, or correct spec.source.endpoint",
      owner: "operator",
    };
  return {
    fault: "unhealthy-dependency",
    cause: reason,
    fix: "bring what it names back to health; the plugin goes on by itself",
    owner: "operator",
  };
}

function containerdUnreachable(cause: string): Diagnosis {
  return {
    fault: "containerd-unreachable",
    cause,
    fix: "start that containerd and see its log why it ended, or correct spec.config.endpoint of the runtime plugin",
    owner: "operator",
  };
}

/** `lasting`: more than a first end, from which the next start may recover. */
function ended(
  cause: NonNullable<PluginInstanceStatus["lastCause"]>,
  plugin: string,
  lasting: boolean,
): Diagnosis | undefined {
  const said = cause.message;
  if (cause.oomKilled)
    return {
      fault: "out-of-memory",
      cause: cause.message,
      fix: "raise spec.limits.memory of the Plugin, or have the plugin use less",
      owner: "operator",
    };
  if (cause.exitCode === 127)
    return {
      fault: "missing-binary",
      cause: said,
      fix: "put the program that entry of plugin.json names into the package, or install it on the node",
      owner: "plugin author",
    };
  if (cause.exitCode === 126)
    return {
      fault: "no-permission",
      cause: said,
      fix: "make the program that entry of plugin.json names executable (chmod +x), and pin the package again",
      owner: "plugin author",
    };
  if (cause.code === errors.handshakeRefused.code && /no common version/.test(cause.message))
    return { ...byCode(cause.code, cause.message), fault: "wrong-version" };
  if (cause.code !== undefined && cause.code in faultByCode) return byCode(cause.code, cause.message);
  if (!lasting) return undefined;
  if (cause.message.includes("containerd does not answer")) return containerdUnreachable(cause.message);
  return {
    fault: "crash-loop",
    cause: said,
    fix: `correct that (all of its log: berth plugin logs ${plugin}), then berth plugin restart ${plugin}`,
    owner: "plugin author",
  };
}
