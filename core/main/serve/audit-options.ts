import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { BerthError, errorMessage } from "@berth/base";
import type { Command } from "commander";
import { parse } from "yaml";
import { auditLevels, auditStages } from "../../apiserver/audit/audit-event.ts";
import type { AuditLogSettings } from "../../apiserver/audit/audit-log-file.ts";
import type { AuditPolicy } from "../../apiserver/audit/audit-policy.ts";
import { compileCheck } from "../../pluginhost/manifest/schema-check.ts";

const badPolicy = BerthError.define({
  code: "BERTH_MAIN_AUDIT_POLICY",
  grpc: "INVALID_ARGUMENT",
  http: 400,
  owner: "operator",
  next: "Correct the file that --audit-policy-file names: apiVersion audit.k8s.io/v1, kind Policy, and a list of rules with a level each.",
});

/** What commander makes of the options below. */
export interface AuditOptions {
  auditPolicyFile?: string;
  auditLogPath?: string;
  auditLogMaxsize: string;
  auditLogMaxbackup: string;
  auditLogMaxage: string;
}

/** The options of kube-apiserver, by their names there. */
export function addAuditOptions(command: Command): void {
  command.option("--audit-policy-file <file>", "what to write to the audit log: audit.k8s.io/v1 Policy");
  command.option("--audit-log-path <file>", "audit log, JSON lines");
  command.option("--audit-log-maxsize <megabytes>", "size after which the log is set aside", "100");
  command.option("--audit-log-maxbackup <number>", "logs set aside that are kept; 0 keeps all", "10");
  command.option("--audit-log-maxage <days>", "how long they are kept; 0 keeps them for ever", "0");
}

/** The same options for another process. */
export function auditArguments(options: AuditOptions): string[] {
  if (!auditLogSettings(options)) return [];
  const { auditPolicyFile, auditLogPath } = options;
  return [
    ...["--audit-policy-file", resolve(auditPolicyFile!), "--audit-log-path", resolve(auditLogPath!)],
    ...["--audit-log-maxsize", options.auditLogMaxsize, "--audit-log-maxbackup", options.auditLogMaxbackup],
    ...["--audit-log-maxage", options.auditLogMaxage],
  ];
}

/** undefined without a log. */
export function auditLogSettings(options: AuditOptions): AuditLogSettings | undefined {
  const { auditPolicyFile: policyFile, auditLogPath: path } = options;
  if (policyFile === undefined && path === undefined) return undefined;
  if (policyFile === undefined || path === undefined)
    throw new BerthError(
      badPolicy,
      "--audit-policy-file and --audit-log-path go together, and one is missing",
    );
  return {
    path: resolve(path),
    policy: readPolicy(policyFile),
    maxBytes: numberOf("--audit-log-maxsize", options.auditLogMaxsize) * 1024 * 1024,
    maxBackups: numberOf("--audit-log-maxbackup", options.auditLogMaxbackup),
    maxAgeDays: numberOf("--audit-log-maxage", options.auditLogMaxage),
  };
}

const names = { type: "array", items: { type: "string" } };
const stages = { type: "array", items: { enum: auditStages } };
const checkPolicy = compileCheck<AuditPolicy>({
  type: "object",
  additionalProperties: false,
  required: ["apiVersion", "kind", "rules"],
  properties: {
    apiVersion: { enum: ["audit.k8s.io/v1"] },
    kind: { enum: ["Policy"] },
    metadata: { type: "object" },
    omitStages: stages,
    omitManagedFields: { type: "boolean" },
    rules: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        additionalProperties: false,
        required: ["level"],
        properties: {
          level: { enum: auditLevels },
          users: names,
          userGroups: names,
          verbs: names,
          namespaces: names,
          nonResourceURLs: names,
          omitStages: stages,
          omitManagedFields: { type: "boolean" },
          resources: {
            type: "array",
            items: {
              type: "object",
              additionalProperties: false,
              properties: { group: { type: "string" }, resources: names, resourceNames: names },
            },
          },
        },
      },
    },
  },
});

function readPolicy(file: string): AuditPolicy {
  let value: unknown;
  try {
    value = parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new BerthError(badPolicy, `${file} cannot be read: ${errorMessage(cause)}`, { cause });
  }
  const outcome = checkPolicy(value, file);
  if (!outcome.ok) throw new BerthError(badPolicy, outcome.problems.join("; "));
  return outcome.value;
}

function numberOf(option: string, text: string): number {
  if (!/^\d{1,7}$/.test(text))
    throw new BerthError(badPolicy, `${option} ${text}: it is a number, 0 or more`);
  return Number(text);
}
