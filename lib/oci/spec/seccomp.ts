import { allowedSyscalls, syscallsByCapability } from "./seccomp-syscalls.ts";
import type { SeccompSpec } from "./runtime-spec.ts";

const eperm = 1;
const enosys = 38;
/** All CLONE_NEW* flags that make a namespace (sched.h), without CLONE_NEWTIME, which clone(2) cannot take. */
const namespaceFlags = 0x7e020000;
const addressFamilyVsock = 40;
/** Values of personality(2) that only change how a process looks: Linux, Linux 32-bit, the same with no randomisation, query. */
const harmlessPersonalities = [0x0, 0x8, 0x20000, 0x20008, 0xffffffff];

const architectures: Record<string, string[]> = {
  x64: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
  arm64: ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
};

/**
 * The RuntimeDefault profile: what ordinary programs call is allowed, the rest answers EPERM; calls that need a
 * capability are allowed with it.
 */
export function defaultSeccompProfile(
  capabilities: readonly string[],
  arch: string = process.arch,
): SeccompSpec {
  const unlocked = Object.entries(syscallsByCapability).flatMap(([capability, names]) =>
    capabilities.includes(capability) ? names : [],
  );
  const mayMakeNamespaces = capabilities.includes("CAP_SYS_ADMIN");
  return {
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: eperm,
    architectures: architectures[arch] ?? [],
    syscalls: [
      { names: [...new Set([...allowedSyscalls, ...unlocked])].sort(), action: "SCMP_ACT_ALLOW" },
      ...harmlessPersonalities.map((value) => ({
        names: ["personality"],
        action: "SCMP_ACT_ALLOW",
        args: [{ index: 0, value, op: "SCMP_CMP_EQ" }],
      })),
      {
        names: ["socket"],
        action: "SCMP_ACT_ALLOW",
        args: [{ index: 0, value: addressFamilyVsock, op: "SCMP_CMP_NE" }],
      },
      ...(mayMakeNamespaces
        ? []
        : [
            {
              names: ["clone"],
              action: "SCMP_ACT_ALLOW",
              args: [{ index: 0, value: namespaceFlags, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }],
            },
            // clone3 hides its flags from the filter; "no such call" makes the C library fall back to clone.
            { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: enosys },
          ]),
    ],
  };
}
