export interface Tally {
  passed: number;
  failed: number;
  /** Full names; a skip without a name would be a skip nobody sees. */
  skipped: string[];
}

interface Report {
  testResults: {
    name: string;
    status: string;
    assertionResults: { status: string; fullName: string }[];
  }[];
}

/** Counts vitest's JSON report. A file that could not be loaded has no tests and counts as one failure. */
export function readReport(json: string): Tally {
  const tally: Tally = { passed: 0, failed: 0, skipped: [] };
  for (const file of (JSON.parse(json) as Report).testResults) {
    if (file.status === "failed" && file.assertionResults.length === 0) tally.failed++;
    for (const test of file.assertionResults) {
      if (test.status === "passed") tally.passed++;
      else if (test.status === "failed") tally.failed++;
      else tally.skipped.push(test.fullName);
    }
  }
  return tally;
}
