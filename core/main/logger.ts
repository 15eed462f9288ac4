import type { Fields, Logger } from "@berth/base";
import { destination, pino, type Logger as PinoLogger } from "pino";

/** One JSON line an entry on standard error; level from BERTH_LOG_LEVEL, `info` without it. */
export function createCoreLogger(): Logger {
  const level = process.env["BERTH_LOG_LEVEL"] ?? "info";
  return wrap(pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination(2)));
}

function wrap(to: PinoLogger): Logger {
  return {
    debug: (message: string, fields?: Fields) => to.debug(fields ?? {}, message),
    info: (message: string, fields?: Fields) => to.info(fields ?? {}, message),
    warn: (message: string, fields?: Fields) => to.warn(fields ?? {}, message),
    error: (message: string, fields?: Fields) => to.error(fields ?? {}, message),
    with: (fields: Fields) => wrap(to.child(fields)),
  };
}
