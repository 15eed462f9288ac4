/** What upstream's parser says of text that is no JSON; clients of Kubernetes know its words. */
export function syntaxError(text: string): string {
  const scanner = new Scanner(text);
  try {
    scanner.value("looking for beginning of value");
    scanner.end("after top-level value");
  } catch (error) {
    if (error instanceof Wrong) return error.message;
    throw error;
  }
  return "invalid JSON";
}

class Wrong extends Error {}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(where: string): void {
    const next = this.#peek();
    if (next === "{") this.#object();
    else if (next === "[") this.#list();
    else if (next === '"') this.#string();
    else if (next === "t") this.#literal("true");
    else if (next === "f") this.#literal("false");
    else if (next === "n") this.#literal("null");
    else if (next !== undefined && /[-\d]/.test(next)) this.#number();
    else this.#wrong(where);
  }

  end(where: string): void {
    if (this.#peek() !== undefined) this.#wrong(where);
  }

  #peek(): string | undefined {
    while (/[ \t\r\n]/.test(this.#text[this.#at] ?? "")) this.#at++;
    return this.#text[this.#at];
  }

  #wrong(where: string): never {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) throw new Wrong("unexpected end of JSON input");
    throw new Wrong(`invalid character ${shown(code)} ${where}`);
  }

  #object(): void {
    this.#at++;
    if (this.#peek() === "}") return void this.#at++;
    for (;;) {
      if (this.#peek() !== '"') this.#wrong("looking for beginning of object key string");
      this.#string();
      if (this.#peek() !== ":") this.#wrong("after object key");
      this.#at++;
      this.value("looking for beginning of value");
      const next = this.#peek();
      if (next !== "," && next !== "}") this.#wrong("after object key:value pair");
      this.#at++;
      if (next === "}") return;
    }
  }

  #list(): void {
    this.#at++;
    if (this.#peek() === "]") return void this.#at++;
    for (;;) {
      this.value("looking for beginning of value");
      const next = this.#peek();
      if (next !== "," && next !== "]") this.#wrong("after array element");
      this.#at++;
      if (next === "]") return;
    }
  }

  #string(): void {
    for (this.#at++; this.#text[this.#at] !== '"'; this.#at++) {
      const next = this.#text[this.#at];
      if (next === undefined || next < " ") this.#wrong("in string literal");
      if (next === "\\") this.#escape();
    }
    this.#at++;
  }

  #escape(): void {
    const code = this.#text[++this.#at];
    if (code === undefined || !'bfnrt\\/"u'.includes(code)) this.#wrong("in string escape code");
    if (code !== "u") return;
    for (let digits = 0; digits < 4; digits++)
      if (!/[\da-fA-F]/.test(this.#text[++this.#at] ?? ""))
        this.#wrong("in \\u hexadecimal character escape");
  }

  #literal(word: string): void {
    for (const letter of word) {
      if (this.#text[this.#at] !== letter && letter !== word[0])
        this.#wrong(`in literal ${word} (expecting '${letter}')`);
      this.#at++;
    }
  }

  #number(): void {
    if (this.#text[this.#at] === "-") this.#at++;
    if (this.#text[this.#at] === "0") this.#at++;
    else this.#digits("in numeric literal");
    if (this.#text[this.#at] === ".") {
      this.#at++;
      this.#digits("after decimal point in numeric literal");
    }
    if (!/[eE]/.test(this.#text[this.#at] ?? "")) return;
    this.#at++;
    if (/[-+]/.test(this.#text[this.#at] ?? "")) this.#at++;
    this.#digits("in exponent of numeric literal");
  }

  #digits(where: string): void {
    if (!/\d/.test(this.#text[this.#at] ?? "")) this.#wrong(where);
    while (/\d/.test(this.#text[this.#at] ?? "")) this.#at++;
  }
}

function shown(code: number): string {
  const text = String.fromCodePoint(code);
  if (text === "'") return "'\\''";
  if (code >= 32 && code !== 127) return `'${text === "\\" ? "\\\\" : text}'`;
  const short = { 9: "\\t", 10: "\\n", 13: "\\r" }[code];
  return `'${short ?? `\\x${code.toString(16).padStart(2, "0")}`}'`;
}
