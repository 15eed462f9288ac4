import { pino } from "pino";
import type { Fields, Logger } from "@berth/base";

/** JSON lines on stderr, one call each, written before the call returns: the last words of a crash are kept. */
export function createStderrLogger(fields: Fields, level = "info"): Logger {
  const base = { name: undefined, ...fields };
  return wrap(
    pino({ level, base, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination({ fd: 2, sync: true })),
  );
}

function wrap(log: pino.Logger): Logger {
  return {
    debug: (message, fields) => log.debug(fields ?? {}, message),
    info: (message, fields) => log.info(fields ?? {}, message),
    warn: (message, fields) => log.warn(fields ?? {}, message),
    error: (message, fields) => log.error(fields ?? {}, message),
    with: (fields) => wrap(log.child(fields)),
  };
}
