export { EtcdClient, type EtcdClientOptions } from "./etcd-client.ts";
export { EtcdError, isEtcdError } from "./etcd-error.ts";
export type { EtcdEvent, EtcdKeyValue, RangeOutput, TxnInput, TxnOutput } from "./etcd-types.ts";
export type { EtcdWatchListener, EtcdWatchOptions } from "./etcd-watch.ts";
