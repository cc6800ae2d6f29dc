/** RFC 9457 problem details, as every route gives them. */
export type ProblemEntry = {
  where?: string;
  field?: string;
  message?: string;
  mend?: string;
  text?: string;
};

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly problems: ProblemEntry[] = [],
    readonly retryAfter?: number,
    readonly etag?: string,
  ) {
    super(detail || title);
  }
}

/** What to tell people about anything that was thrown. */
export function explain(error: unknown): { title: string; detail: string } {
  if (error instanceof Problem) {
    const first = error.problems[0];
    const said = first?.text || [first?.field, first?.message, first?.mend].filter(Boolean).join(": ");
    return { title: error.title, detail: sentence(said || error.detail) };
  }
  if (error instanceof TypeError) {
    return {
      title: "The server does not answer",
      detail: "Check that Hookswitch is running. This page tries again by itself.",
    };
  }
  return { title: "Something went wrong", detail: error instanceof Error ? error.message : "" };
}

/** Begins with a capital, unless it begins with the name of something. */
const sentence = (text: string) => (/^[a-z]+[ ,]/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text);
