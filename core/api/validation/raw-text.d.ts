/** A text beside a test. */
declare module "*.txt?raw" {
  const text: string;
  export default text;
}
