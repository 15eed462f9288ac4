/** One line of a container's log as the runtime writes it: `TIME STREAM TAGS CONTENT` (CRI log format). */
export interface LogLine {
  /** RFC 3339 with nanoseconds, as written. */
  readonly time: string;
  readonly stream: "stdout" | "stderr";
  /** The line goes on in the next entry. */
  readonly partial: boolean;
  readonly content: Buffer;
}

const space = 0x20;

/** Undefined for what is no log line: a torn write at the end of a file, for one. `line` has no newline. */
export function parseLogLine(line: Buffer): LogLine | undefined {
  const first = line.indexOf(space);
  const second = line.indexOf(space, first + 1);
  const third = line.indexOf(space, second + 1);
  if (first <= 0 || second < 0) return undefined;
  const stream = line.toString("latin1", first + 1, second);
  if (stream !== "stdout" && stream !== "stderr") return undefined;
  const tags = line.toString("latin1", second + 1, third < 0 ? line.length : third);
  const time = line.toString("latin1", 0, first);
  if (Number.isNaN(Date.parse(time))) return undefined;
  return {
    time,
    stream,
    partial: tags.split(":")[0] === "P",
    content: third < 0 ? Buffer.alloc(0) : line.subarray(third + 1),
  };
}

/** Cuts a stream of bytes into lines; what is after the last newline waits for more. */
export class LineCutter {
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): Buffer[] {
    let data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const lines: Buffer[] = [];
    for (let end = data.indexOf(0x0a); end >= 0; end = data.indexOf(0x0a)) {
      lines.push(data.subarray(0, end));
      data = data.subarray(end + 1);
    }
    this.#rest = data;
    return lines;
  }

  get restLength(): number {
    return this.#rest.length;
  }
}
