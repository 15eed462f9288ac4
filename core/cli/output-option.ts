import { Option } from "commander";

/** `-o`, the same for every command: for people, `table` or `text`, or JSON for programs. */
export function outputOption(human: "table" | "text", remark = ""): Option {
  return new Option("-o, --output <format>", `${human} or json${remark}`)
    .choices([human, "json"])
    .default(human);
}
