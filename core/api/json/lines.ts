/**
 * The lines of a text that comes in pieces, cut anywhere; what follows the end of the last line is none.
 * @throws Error for a line of more than `longest` characters
 */
export async function* linesOf(pieces: AsyncIterable<Uint8Array>, longest: number): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let begun: string[] = [];
  let length = 0;
  for await (const piece of pieces) {
    const [first = "", ...more] = decoder.decode(piece, { stream: true }).split("\n");
    begun.push(first);
    length += first.length;
    if (length > longest) throw new Error(`a line is longer than ${longest} characters`);
    for (const next of more) {
      yield begun.join("");
      begun = [next];
      length = next.length;
    }
  }
}
