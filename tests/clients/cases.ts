// The cases that each client in TypeScript runs, and the words for their answers.

import { readFileSync } from "node:fs";

/** A case: its user, and the request. */
export interface Case {
  name: string;
  user: string;
  body?: { entry?: string; link?: string; ticket_number?: string };
  profile?: string;
  document?: boolean;
}

/** The service's address. */
export const baseUrl = process.env["STUDIO_ACS_API"] ?? "";

/** Prints the answer to each case. */
export async function run(answer: (one: Case, token: string) => Promise<string>): Promise<void> {
  const cases: Case[] = JSON.parse(readFileSync(process.env["CASES"] ?? "", "utf8"));
  const tokens: Record<string, string> = JSON.parse(process.env["TOKENS"] ?? "{}");
  for (const one of cases) {
    console.log(`${one.name}: ${await answer(one, tokens[one.user] ?? "none")}`);
  }
}

/** The rest of an answer that says when to ask again. */
export function again(response: Response): string {
  return `again after ${response.headers.get("retry-after")} s`;
}

/** The answer of a redirect that was not followed. */
export function redirected(response: Response): string {
  return response.headers.get("location")?.includes("/auth?") ? "302 to Studio" : "302 elsewhere";
}

/** Refuses to compile where a status is left out. */
export function never(answer: never): string {
  return `an answer that the document does not have: ${JSON.stringify(answer)}`;
}
