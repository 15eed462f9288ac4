import { closeSync, constants, openSync } from "node:fs";
import { Socket } from "node:net";
import { makeFifo } from "../container/container-stdio.ts";

/** This process's end of a FIFO. Until `release` the other end is held open too, so that nobody sees an early end. */
export interface FifoEnd {
  readonly path: string;
  readonly stream: Socket;
  release(): void;
}

const { O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

export function readFifo(path: string): FifoEnd {
  makeFifo(path);
  return open(path, true);
}

export function writeFifo(path: string): FifoEnd {
  makeFifo(path);
  return open(path, false);
}

/** The writing end of a FIFO that somebody reads already. */
export function writeExistingFifo(path: string): Socket {
  const fd = openSync(path, O_WRONLY | O_NONBLOCK);
  return new Socket({ fd, readable: false, writable: true });
}

function open(path: string, reads: boolean): FifoEnd {
  // In this order: a writer that does not wait needs a reader to be there.
  const reader = openSync(path, O_RDONLY | O_NONBLOCK);
  const writer = openSync(path, O_WRONLY | O_NONBLOCK);
  const [own, held] = reads ? [reader, writer] : [writer, reader];
  let holding = true;
  return {
    path,
    stream: new Socket({ fd: own, readable: reads, writable: !reads }),
    release() {
      if (holding) closeSync(held);
      holding = false;
    },
  };
}
