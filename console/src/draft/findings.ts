/** Findings are of the document that the server saw; what is edited meanwhile moves their places. */
import type { Doc, Finding, Loc } from "../api/types";
import { identityOf } from "./identity";

/** The same findings where their entries are now; those of what was removed are gone. */
export function moved(findings: Finding[], before: Doc, after: Doc): Finding[] {
  return findings.flatMap((finding) => {
    const loc = finding.loc && movedLoc(finding.loc, before, after);
    return loc === null ? [] : [loc === finding.loc ? finding : { ...finding, ...(loc && { loc }) }];
  });
}

function movedLoc(loc: Loc, before: Doc, after: Doc): Loc | null {
  const [section = "", index, inner, object, ...rest] = loc;
  const [old, now] = [before[String(section)], after[String(section)]];
  if (typeof index !== "number" || !Array.isArray(old) || !Array.isArray(now)) return loc;
  const at = movedIndex(String(section), old, now, index);
  if (at === null) return null;
  if (section !== "flows" || inner !== "objects" || typeof object !== "number") return at === index ? loc : [section, at, ...loc.slice(2)];
  const [drawn, kept] = [before.flows?.[index]?.objects ?? [], after.flows?.[at]?.objects ?? []];
  const place = movedIndex("objects", drawn, kept, object);
  if (place === null) return null;
  return at === index && place === object ? loc : [section, at, inner, place, ...rest];
}

function movedIndex(section: string, before: unknown[], after: unknown[], index: number): number | null {
  const name = identityOf(section, before[index]);
  if (identityOf(section, after[index]) === name) return index;
  const found = after.findIndex((one) => identityOf(section, one) === name);
  if (found >= 0) return found;
  const isRenamed = before.length === after.length;
  return isRenamed ? index : null;
}
