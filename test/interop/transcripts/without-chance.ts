/** What is another one each time, wherever it stands in what kubectl says. */
const chances: readonly (readonly [pattern: RegExp, written: string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uid>"],
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "<time>"],
  [/\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, "<time>"],
  [/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? [+-]\d{4}( UTC)?/g, "<time>"],
  // klog's head, with its time, process and line.
  [/^[EWI]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ \S+\.go:\d+\]/gm, "<log>"],
  [/https:\/\/127\.0\.0\.1:\d+/g, "<server>"],
  [/\b127\.0\.0\.1:\d+/g, "<server>"],
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, "<token>"],
  [/X509SHA256=[0-9a-f]{64}/g, "X509SHA256=<hash>"],
  [/\bkube-api-access-[a-z0-9]{5}\b/g, "kube-api-access-<random>"],
  [/(?<=\bresource ?version\\?"?: *\\?"?)[1-9]\d*/gi, "<revision>"],
  [/\b10\.96\.\d+\.\d+\b/g, "<address>"],
  [/\b3[0-2]\d{3}\b/g, "<port>"],
  [/\/tmp\/[\w./-]+/g, "<file>"],
  // An age; kubectl pads what stands before and behind.
  [/(?<=^|\s|\()\d+(ms|s)(?=$|\s|\))/gm, "<age>"],
  // Columns are as wide as their widest text, of which some were just replaced.
  [/(?<=\S) {3,}(?=\S)/g, "   "],
];

/** The text without identifiers, revisions, times, ages, addresses and ports, which differ each time. */
export function withoutChance(text: string): string {
  const kept = chances.reduce((so, [pattern, written]) => so.replaceAll(pattern, written), text);
  return kept.replaceAll(/[ \t]+$/gm, "").replace(/\n$/, "");
}
