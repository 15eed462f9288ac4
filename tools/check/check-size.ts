export const maximumLines = 400;
export const maximumBytes = 16 * 1024;

/** A file that outgrew its name. Data tables are not read line by line, so they are let be. */
export function checkSize(file: string, source: string): string[] {
  if (/\/data\/|\.d\.ts$/.test(file)) return [];
  const lines = source.split("\n").length - 1;
  const bytes = Buffer.byteLength(source);
  if (lines <= maximumLines && bytes <= maximumBytes) return [];
  return [
    `${file}: ${lines} lines, ${bytes} bytes; the limit is ${maximumLines} lines and ${maximumBytes} bytes: split it by what its parts do`,
  ];
}
