export {
  channel,
  frame,
  parseResize,
  remoteCommandProtocols,
  statusOf,
  type TerminalSize,
} from "./channels.ts";
export type { PortDialer, RemoteSession } from "./remote-session.ts";
export { portForwardTunnelProtocol } from "./spdy/protocol.ts";
export { StreamingServer } from "./streaming-server.ts";
