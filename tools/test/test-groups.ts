/**
 * How the names begin of files whose tests need nothing of the machine but processes, sockets and folders of their own, and
 * assert nothing that others on it change. Whoever is named here has been seen to pass beside others.
 */
const beside = `
  aggregated- api-facts apiserver- checkpoint- controllers- custom-resource device-gpu- disruption- error-catalogue http-pki
  interop/ kubelet- pluginhost-debug pluginhost-isolation pluginhost-logins pluginhost-recorder pluginhost-sources
  pluginhost-trust pluginhost-update proto-facts scheduler- sdk- store-encryption store-etcd-shared store-etcd-tls store-etcd.
  store-sqlite store-transfer volumes-provisioning
`
  .trim()
  .split(/\s+/);

/** Counts what a server holds while its clients are slow, which is another number when all of the machine is. */
const notBeside = "apiserver-slow-clients";

export interface TestGroups {
  /** Run several at a time. */
  readonly beside: readonly string[];
  /** Have the machine: pods, networks, whole-machine counts, or faults in all of it. */
  readonly alone: readonly string[];
}

/** @param files paths of test files below the root; one that nobody has thought about runs alone */
export function groupTests(files: readonly string[]): TestGroups {
  const isBeside = (file: string): boolean => {
    const name = file.replace(/^test\/(integration\/)?/, "");
    return beside.some((start) => name.startsWith(start)) && !name.startsWith(notBeside);
  };
  return { beside: files.filter(isBeside), alone: files.filter((file) => !isBeside(file)) };
}
