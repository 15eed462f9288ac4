import { describe, expect, it } from "vitest";
import { LineCutter, parseLogLine } from "./cri-log-line.ts";
import { readLogOptions } from "./log-options.ts";
import { LogFormat } from "./log-reader.ts";

const line = (text: string) => parseLogLine(Buffer.from(text));
const time = "2026-01-01T00:00:01.000000000Z";

describe("an entry of a container's log", () => {
  it("is time, stream, tags and everything after them", () => {
    expect(line(`${time} stderr P two words `)).toMatchObject({
      time,
      stream: "stderr",
      partial: true,
      content: Buffer.from("two words "),
    });
    expect(line(`${time} stdout F`)?.content.length).toBe(0);
  });

  it.each(["", "torn", `${time} stdlog F x`, "yesterday stdout F x"])("is not: %j", (text) => {
    expect(line(text)).toBeUndefined();
  });

  it("waits for its newline", () => {
    const cutter = new LineCutter();
    expect(cutter.push(Buffer.from("a\nb")).map(String)).toEqual(["a"]);
    expect(cutter.push(Buffer.from("c\n\n")).map(String)).toEqual(["bc", ""]);
  });
});

describe("the text of a log", () => {
  const entries = [
    `${time} stdout F one`,
    `${time} stdout P tw`,
    `${time} stderr F err`,
    `${time} stdout F o`,
  ];
  const render = (options: {
    since?: number;
    stream?: "stdout" | "stderr";
    timestamps?: boolean;
  }): string => {
    const format = new LogFormat({
      since: options.since,
      stream: options.stream,
      timestamps: options.timestamps ?? false,
    });
    return entries.map((entry) => format.text(line(entry))?.toString("utf8") ?? "").join("");
  };

  it("joins the parts of a line and dates it once", () => {
    expect(render({ stream: "stdout" })).toBe("one\ntwo\n");
    expect(render({ stream: "stdout", timestamps: true })).toBe(`${time} one\n${time} two\n`);
  });

  it("leaves out what is older or of the other stream", () => {
    expect(render({ since: Date.parse(time) + 1 })).toBe("");
    expect(render({ stream: "stderr" })).toBe("err\n");
  });
});

describe("a request for logs", () => {
  it("is read as kubectl sends it", () => {
    const options = readLogOptions(
      new URLSearchParams("follow=true&tailLines=3&sinceSeconds=10&limitBytes=100&timestamps=1"),
      20_000,
    );
    expect(options).toEqual({
      follow: true,
      previous: false,
      timestamps: true,
      tailLines: 3,
      limitBytes: 100,
      since: 10_000,
      stream: undefined,
    });
  });

  it.each(["tailLines=-1", "limitBytes=many", "sinceTime=yesterday"])("is refused: %s", (query) => {
    expect(() => readLogOptions(new URLSearchParams(query), 0)).toThrow("is not valid: it must be");
  });
});
