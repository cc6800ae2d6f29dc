/** What shorter limits delete, in words, before they are applied. */
import type { Storage } from "../../api/types";

export type Kept = Storage["kept"];
export type Retention = Partial<Record<keyof Kept, number | null>>;

const DAY_MS = 86_400_000;
const WHAT: Partial<Record<keyof Kept, string>> = {
  history_days: "calls that ended, with their events and deliveries,",
  deliveries_days: "deliveries of calls that ended, with their attempts,",
  recordings_days: "recordings made",
  voicemail_days: "voicemail left",
};

/** What holds where the document says nothing. */
export const otherwise = (state: Storage): Kept => ({
  history_days: state.history_keep_days, deliveries_days: 0, recordings_days: state.media_keep_days, voicemail_days: state.media_keep_days, audio_mb: state.media_keep_mb,
});

/** One sentence for each limit of the draft that is shorter than what is in force. */
export function deleted(own: Retention, state: Storage, now: Date): string[] {
  const usual = otherwise(state);
  const said: string[] = [];
  for (const [name, what] of Object.entries(WHAT) as [keyof Kept, string][]) {
    const days = own[name] ?? usual[name];
    const before = state.kept[name];
    if (days > 0 && (before === 0 || days < before)) {
      const date = new Date(now.getTime() - days * DAY_MS).toLocaleDateString(undefined, { dateStyle: "long" });
      said.push(`${what} before ${date}`);
    }
  }
  const room = own.audio_mb ?? usual.audio_mb;
  if (state.audio > room * 1e6) said.push("the oldest recordings and voicemail, until the rest fits");
  return said;
}
