/** Members published as required that the API nevertheless takes empty; each is checked by its kind's own rules, if at all. */
export const mayBeEmpty: ReadonlySet<string> = new Set([
  "core.v1.HTTPHeader.value",
  "core.v1.Sysctl.value",
  "core.v1.Event.involvedObject",
  "core.v1.Event.metadata",
  "core.v1.SleepAction.seconds",
  "events.v1.Event.eventTime",
  "storage.v1.CSINodeSpec.drivers",
  "flowcontrol.v1.ResourcePolicyRule.apiGroups",
  "core.v1.PreferredSchedulingTerm.preference",
  "core.v1.PodResourceClaim.name",
  "resource.v1.DeviceRequest.name",
]);
