import type {
  Container,
  ContainerPort,
  EnvVar,
  EnvVarSource,
  HTTPGetAction,
  LifecycleHandler,
  Probe,
  SecurityContext,
  TCPSocketAction,
} from "../generated/types.ts";
import type { FieldErrors } from "../errors/field-error.ts";
import type { FieldPath } from "../errors/field-path.ts";
import {
  configMapKeyRule,
  dnsLabelRule,
  dnsSubdomainRule,
  environmentNameRule,
  portNameRule,
} from "../names/name-rules.ts";
import { ahead, rule, type TypeRule, type TypeRules } from "../schema/check-structure.ts";
import {
  checkName,
  checkNotNegative,
  checkPort,
  checkPortOrName,
  checkUnique,
  membersSet,
} from "./checks.ts";

const container: TypeRule = rule<Container>((target, at, errors) => {
  checkName(target.name, dnsLabelRule, at.child("name"), errors);
  if (!target.image) errors.required(at.child("image"));
  checkUnique(target.ports, ({ name }) => name, at.child("ports"), errors, "name");
  for (const probe of ["livenessProbe", "startupProbe"] as const) {
    const successes = target[probe]?.successThreshold;
    if (successes !== undefined && successes !== 1)
      errors.invalid(at.child(probe, "successThreshold"), successes, "must be 1");
  }
});

const protocols = ["SCTP", "TCP", "UDP"];

const port: TypeRule = rule<ContainerPort>((target, at, errors) => {
  checkName(target.name, portNameRule, at.child("name"), errors);
  if (!target.containerPort) errors.required(at.child("containerPort"));
  else checkPort(target.containerPort, at.child("containerPort"), errors);
  if (target.hostPort) checkPort(target.hostPort, at.child("hostPort"), errors);
  if (target.protocol && !protocols.includes(target.protocol))
    errors.notSupported(at.child("protocol"), target.protocol, protocols);
});

const environment: TypeRule = rule<EnvVar>((variable, at, errors) => {
  checkName(variable.name, environmentNameRule, at.child("name"), errors);
  if (variable.value && variable.valueFrom) {
    errors.invalid(at.child("valueFrom"), "", "may not be specified when `value` is not empty");
  }
});

const variableSources = [
  "fieldRef",
  "resourceFieldRef",
  "configMapKeyRef",
  "secretKeyRef",
  "fileKeyRef",
] as const;

const oneOfThem = "`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";

const environmentSource: TypeRule = rule<EnvVarSource>((source, at, errors) => {
  const set = membersSet(source, variableSources);
  if (set.length === 0) {
    errors.invalid(at, "", `must specify one of: ${oneOfThem}`);
  }
  if (set.length > 1) errors.invalid(at, "", "may not have more than one field specified at a time");
});

const keyReference: TypeRule = rule<{ name?: string; key: string }>(({ name = "", key }, at, errors) => {
  for (const wrong of dnsSubdomainRule(name)) errors.invalid(at.child("name"), name, wrong);
  checkName(key, configMapKeyRule, at.child("key"), errors);
});

const namedReference: TypeRule = rule<{ name?: string }>(({ name }, at, errors) => {
  if (!name) errors.required(at.child("name"));
  else checkName(name.replace(/(?<=.)-$/, "a"), dnsSubdomainRule, at.child("name"), errors);
});

const probe: TypeRule = rule<Probe>((target, at, errors) => {
  checkOneHandler(membersSet(target, ["exec", "httpGet", "tcpSocket", "grpc"]), at, errors);
  for (const name of [
    "initialDelaySeconds",
    "timeoutSeconds",
    "periodSeconds",
    "successThreshold",
    "failureThreshold",
  ] as const) {
    checkNotNegative(target[name], at.child(name), errors);
  }
  const grace = target.terminationGracePeriodSeconds;
  if (grace !== undefined && grace < 1) {
    errors.invalid(at.child("terminationGracePeriodSeconds"), grace, "must be greater than 0");
  }
});

function checkOneHandler(set: readonly string[], at: FieldPath, errors: FieldErrors): void {
  if (set.length === 0) errors.required(at, "must specify a handler type");
  for (const extra of set.slice(1))
    errors.forbidden(at.child(extra), "may not specify more than 1 handler type");
}

const handler: TypeRule = rule<LifecycleHandler>((target, at, errors) =>
  checkOneHandler(membersSet(target, ["exec", "httpGet", "tcpSocket", "sleep"]), at, errors),
);

const httpGet: TypeRule = rule<HTTPGetAction>(({ path, port: number }, at, errors) => {
  if (!path) errors.required(at.child("path"));
  checkPortOrName(number ?? 0, at.child("port"), errors);
});

const tcpSocket: TypeRule = rule<TCPSocketAction>(({ port: number }, at, errors) => {
  checkPortOrName(number ?? 0, at.child("port"), errors);
});

const command: TypeRule = rule<{ command?: string[] }>((action, at, errors) => {
  if (!action.command || action.command.length === 0) errors.required(at.child("command"));
});

const contextMembers = [
  ...(["capabilities", "privileged", "seLinuxOptions", "windowsOptions", "runAsUser", "runAsGroup"] as const),
  ...(["runAsNonRoot", "readOnlyRootFilesystem", "allowPrivilegeEscalation", "procMount"] as const),
  ...(["seccompProfile", "appArmorProfile"] as const),
];

/** As upstream's own type of it is shown. */
function shownContext(context: SecurityContext): object {
  const { add = null, drop = null } = context.capabilities ?? {};
  const shown = { ...context, ...(context.capabilities && { capabilities: { Add: add, Drop: drop } }) };
  const named = (member: string): string =>
    member === "seLinuxOptions" ? "SELinuxOptions" : member[0]!.toUpperCase() + member.slice(1);
  return Object.fromEntries(contextMembers.map((member) => [named(member), shown[member] ?? null]));
}

const security: TypeRule = rule<SecurityContext>((context, at, errors) => {
  if (context.allowPrivilegeEscalation !== false) return;
  if (context.privileged) {
    errors.invalid(
      at,
      shownContext(context),
      "cannot set `allowPrivilegeEscalation` to false and `privileged` to true",
    );
  }
  if (context.capabilities?.add?.includes("CAP_SYS_ADMIN")) {
    errors.invalid(
      at,
      shownContext(context),
      "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN",
    );
  }
});

const weight: TypeRule = rule<{ weight?: number }>(({ weight: points = 0 }, at, errors) => {
  if (points < 1 || points > 100) errors.invalid(at.child("weight"), points, "must be in the range 1-100");
});

export const containerRules: TypeRules = {
  "core.v1.Container": container,
  "core.v1.EphemeralContainer": container,
  "core.v1.ContainerPort": port,
  "core.v1.EnvVar": environment,
  "core.v1.EnvVarSource": environmentSource,
  "core.v1.ConfigMapKeySelector": keyReference,
  "core.v1.SecretKeySelector": keyReference,
  "core.v1.ConfigMapEnvSource": namedReference,
  "core.v1.SecretEnvSource": namedReference,
  "core.v1.Probe": probe,
  "core.v1.LifecycleHandler": handler,
  "core.v1.HTTPGetAction": httpGet,
  "core.v1.TCPSocketAction": tcpSocket,
  "core.v1.GRPCAction": rule<{ port?: number }>(({ port: number }, at, errors) =>
    checkPort(number ?? 0, at.child("port"), errors),
  ),
  "core.v1.ExecAction": command,
  "core.v1.SecurityContext": security,
  [ahead("core.v1.WeightedPodAffinityTerm", "weight")]: weight,
  [ahead("core.v1.PreferredSchedulingTerm", "weight")]: weight,
};
