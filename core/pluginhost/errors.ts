import { BerthError } from "@berth/base";

/** A plugin.json that cannot be used as it stands. */
export const badManifest = BerthError.define({
  code: "BERTH_PLUGIN_MANIFEST",
  grpc: "INVALID_ARGUMENT",
  http: 422,
  owner: "plugin author",
  next: "Correct plugin.json as the message says; docs/plugin-author.md lists every key.",
});

export const badConfig = BerthError.define({
  code: "BERTH_PLUGIN_CONFIG",
  grpc: "INVALID_ARGUMENT",
  http: 422,
  owner: "operator",
  next: "Correct spec.config of the Plugin object; the plugin's README lists every key with its default.",
});

export const badSource = BerthError.define({
  code: "BERTH_PLUGIN_SOURCE",
  grpc: "FAILED_PRECONDITION",
  http: 422,
  owner: "operator",
  next: "Correct spec.source of the Plugin object, or what the command names, or put the package there.",
});

export const noPullSecret = BerthError.define({
  code: "BERTH_PLUGIN_PULL_SECRET",
  grpc: "FAILED_PRECONDITION",
  http: 422,
  owner: "operator",
  next: "Create or correct the Secret that spec.source names, or correct the pullSecret there; the node looks again every 10 seconds.",
});

export const wrongDigest = BerthError.define({
  code: "BERTH_PLUGIN_DIGEST",
  grpc: "FAILED_PRECONDITION",
  http: 422,
  owner: "operator",
  next: "If the package was meant to change, set spec.digest to the actual digest; if not, find out who changed it.",
});

export const notGranted = BerthError.define({
  code: "BERTH_PLUGIN_GRANT",
  grpc: "PERMISSION_DENIED",
  http: 403,
  owner: "operator",
  next: "Add the named grants to spec.grants of the Plugin object if the plugin may have them.",
});

export const pathTooLong = BerthError.define({
  code: "BERTH_SOCKET_PATH",
  grpc: "INVALID_ARGUMENT",
  http: 422,
  owner: "operator",
  next: "Choose a shorter run directory, node name or plugin name: the kernel takes at most 107 bytes.",
});

export const startFailed = BerthError.define({
  code: "BERTH_PLUGIN_START",
  grpc: "UNAVAILABLE",
  http: 503,
  owner: "plugin author",
  next: "Read the last lines of the plugin's log, shown with its instance; it is started again with back-off.",
});

export const startHung = BerthError.define({
  code: "BERTH_PLUGIN_START_HUNG",
  grpc: "DEADLINE_EXCEEDED",
  http: 504,
  owner: "plugin author",
  next: "See in the plugin's log what it waited for and remove that, or raise startBudgetSeconds in plugin.json.",
});

export const handshakeRefused = BerthError.define({
  code: "BERTH_PLUGIN_HANDSHAKE",
  grpc: "FAILED_PRECONDITION",
  http: 422,
  owner: "operator",
  next: "Install a version of the plugin that speaks what this host speaks; the message names both ranges.",
});

export const nodeTaken = BerthError.define({
  code: "BERTH_NODE_TAKEN",
  grpc: "FAILED_PRECONDITION",
  http: 409,
  owner: "operator",
  next: "Stop the other one, or give this node its own directories.",
});

export const daemonFailed = BerthError.define({
  code: "BERTH_DAEMON_START",
  grpc: "UNAVAILABLE",
  http: 503,
  owner: "operator",
  next: "Read the last lines of the daemon's log, shown with the message; it is started again with back-off.",
});

/** Another version than spec.version names. */
export const wrongVersion = BerthError.define({
  code: "BERTH_PLUGIN_VERSION",
  grpc: "FAILED_PRECONDITION",
  http: 422,
  owner: "operator",
  next: "Correct spec.version, or spec.source and spec.digest if another package was meant.",
});

/** A tool was pointed at a plugin that this node does not have. */
export const noSuchPlugin = BerthError.define({
  code: "BERTH_NO_SUCH_PLUGIN",
  grpc: "NOT_FOUND",
  http: 404,
  owner: "operator",
  next: "Name one of the plugins of this node: `kubectl get plugininstances` lists them.",
});

/** A call that a person asked for and that cannot be made as it was asked. */
export const badCall = BerthError.define({
  code: "BERTH_PLUGIN_CALL",
  grpc: "INVALID_ARGUMENT",
  http: 400,
  owner: "plugin author",
  next: "Correct the verb or its message; the contract's .proto in proto/ has every verb and field.",
});

export const callFailed = BerthError.define({
  code: "BERTH_PLUGIN_CALL_FAILED",
  grpc: "UNAVAILABLE",
  http: 502,
  owner: "plugin author",
  next: "The code and the words after it are the plugin's own answer: correct what they name, or look at its log.",
});

export const cannotDebug = BerthError.define({
  code: "BERTH_PLUGIN_DEBUG",
  grpc: "FAILED_PRECONDITION",
  http: 409,
  owner: "plugin author",
  next: "Only a managed plugin that nobody else debugs can be debugged: end the other session, or install it from a folder.",
});
