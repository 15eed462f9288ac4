import type { Http2Session, Http2Stream } from "node:http2";
import type { Socket } from "node:net";

/**
 * Ends streams whose client has let go of them. Node waits for what was written to one to be sent, which a reset without an
 * error code leaves undone for good: neither the stream nor its connection would ever end.
 */
export function endAborted(session: Http2Session): void {
  session.on("stream", (stream: Http2Stream) => {
    // Not within the event, in which nghttp2 is at work on the stream: that corrupts the memory of the process.
    stream.once("aborted", () => setImmediate(() => stream.destroy()));
  });
}

/** Ends a connection on which no stream is open and nothing has moved for so many milliseconds. */
export function closeWhenIdle(session: Http2Session, idleMs: number): void {
  let open = 0;
  session.on("stream", (stream: Http2Stream) => {
    open++;
    stream.once("close", () => open--);
  });
  session.setTimeout(idleMs);
  // A callback given to setTimeout hears of the first time only, when a quiet watch may still be open.
  session.on("timeout", () => {
    if (open === 0) session.destroy();
  });
}

/** Ends connections on which all is said, and whose client does not hang up or reads no more, after so many milliseconds. */
export function hangUpOnEnded(idleMs: number): {
  watch: (socket: Socket) => void;
  stop: () => void;
} {
  const sockets = new Set<Socket>();
  let ended: Socket[] = [];
  const timer = setInterval(() => {
    for (const socket of ended) socket.destroy();
    ended = [...sockets].filter((socket) => socket.writableEnded);
  }, idleMs);
  timer.unref();
  return {
    watch: (socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    },
    stop: () => clearInterval(timer),
  };
}

const lastWordMs = 1_000;

/**
 * The last words on a connection whose client may still be sending. Closing it with bytes unread would reset it, and take the
 * words away from the client: what comes is read for a moment, and thrown away.
 */
export function endSoon(socket: Socket, words: string): void {
  socket.end(words);
  const timer = setTimeout(() => socket.destroy(), lastWordMs);
  socket.once("close", () => clearTimeout(timer));
}
