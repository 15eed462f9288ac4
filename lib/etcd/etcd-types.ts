import type { RangeRequest } from "@berth/proto/generated/etcd/etcdserverpb/RangeRequest.ts";
import type { RangeResponse__Output } from "@berth/proto/generated/etcd/etcdserverpb/RangeResponse.ts";
import type { TxnRequest } from "@berth/proto/generated/etcd/etcdserverpb/TxnRequest.ts";
import type { TxnResponse__Output } from "@berth/proto/generated/etcd/etcdserverpb/TxnResponse.ts";
import type { Event__Output } from "@berth/proto/generated/etcd/mvccpb/Event.ts";
import type { KeyValue__Output } from "@berth/proto/generated/etcd/mvccpb/KeyValue.ts";

/** Bytes go in as Buffers and come out so; 64-bit integers come out as decimal strings. */
export type RangeInput = RangeRequest;
export type RangeOutput = RangeResponse__Output;
export type TxnInput = TxnRequest;
export type TxnOutput = TxnResponse__Output;
export type EtcdEvent = Event__Output;
export type EtcdKeyValue = KeyValue__Output;
