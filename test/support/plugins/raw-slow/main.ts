import { Server, ServerCredentials, type sendUnaryData } from "@grpc/grpc-js";
import { loadContract } from "@berth/proto";

/** A network without our SDK whose ADD takes a second. */
const slowMs = 1000;

const answer =
  (response: object, afterMs = 0) =>
  (_call: unknown, done: sendUnaryData<object>): void => {
    setTimeout(() => done(null, response), afterMs);
  };
const server = new Server();
server.addService(loadContract("cni")["berth.cni.v1.NetworkPlugin"] as never, {
  Add: answer({ result: { cni_version: "1.1.0" } }, slowMs),
  Del: answer({}),
  Check: answer({}),
  Gc: answer({}),
  Status: answer({}),
  Version: answer({ cni_version: "1.1.0", supported_versions: ["1.1.0"] }),
});
server.bindAsync(process.env["BERTH_ENDPOINT"]!, ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
});
