import { expect, test } from "vitest";
import type { Storage } from "../../api/types";
import { deleted } from "./retention";

const KEPT = { history_days: 365, deliveries_days: 0, recordings_days: 0, voicemail_days: 30, audio_mb: 100 };
const STATE = {
  free: 1, database: 1, audio: 50e6, audio_files: 3, kept: KEPT, history_keep_days: 365, media_keep_days: 365, media_keep_mb: 10_240, disk_stop_recordings_mb: 1, disk_refuse_calls_mb: 1,
} as Storage;
const NOW = new Date(2026, 10, 25, 12);

test("what is as before, or kept for longer, deletes nothing", () => {
  expect(deleted({ history_days: 365, recordings_days: 0, voicemail_days: 31, audio_mb: 100 }, STATE, NOW)).toEqual([]);
});

test("a shorter time names what goes, also where nothing was set before", () => {
  const said = deleted({ history_days: 30, deliveries_days: 7, recordings_days: 10, voicemail_days: 30, audio_mb: 49 }, STATE, NOW);
  expect(said.map((text) => text.split(" ")[0])).toEqual(["calls", "deliveries", "recordings", "the"]);
  expect(said[0]).toContain("before");
});

test("left out, the server's setting counts", () => {
  expect(deleted({ voicemail_days: 30 }, STATE, NOW)).toHaveLength(1); // recordings: for good before, a year now
});
