import { ActionIcon, Group, Text } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { seconds } from "../../shared/Time";
import type { Audio } from "../../api/types";

const BARS = 160;
const HEIGHT = 44;

/** Plays a recording; the waveform is the seek bar. */
export function AudioPlayer({ media }: { media: Audio }) {
  const source = `/api/media/${encodeURIComponent(media.event)}/audio`;
  const audio = useRef<HTMLAudioElement>(null);
  const [peaks, setPeaks] = useState<number[]>([]);
  const [at, setAt] = useState(0);
  const [length, setLength] = useState(media.seconds ?? 0);
  const [playing, setPlaying] = useState(false);
  useEffect(() => {
    const stop = new AbortController();
    peaksOf(source, stop.signal).then(setPeaks, () => setPeaks([]));
    return () => stop.abort();
  }, [source]);
  const seek = (to: number) => {
    if (audio.current) audio.current.currentTime = to;
    setAt(to);
  };
  const toggle = () => {
    if (playing) audio.current?.pause();
    else void audio.current?.play();
  };
  const title = media.kind === "voicemail" ? "Voicemail" : "Recording";
  return (
    <Group gap="sm" wrap="nowrap" py={6}>
      <audio ref={audio} src={source} preload="metadata" onPlay={() => setPlaying(true)} onPause={() => setPlaying(false)} onTimeUpdate={(e) => setAt(e.currentTarget.currentTime)} onLoadedMetadata={(e) => Number.isFinite(e.currentTarget.duration) && setLength(e.currentTarget.duration)} />
      <ActionIcon size="lg" variant="light" color="ink" aria-label={`${playing ? "Pause" : "Play"} ${title.toLowerCase()}`} onClick={toggle}>{playing ? <IconPlayerPause size={18} /> : <IconPlayerPlay size={18} />}</ActionIcon>
      <div style={{ flex: 1, position: "relative", height: HEIGHT }}>
        <svg viewBox={`0 0 ${BARS} ${HEIGHT}`} preserveAspectRatio="none" width="100%" height={HEIGHT} aria-hidden>
          {(peaks.length ? peaks : Array<number>(BARS).fill(0.06)).map((peak, index) => {
            const height = Math.max(2, peak * HEIGHT);
            const isPast = index / BARS < at / (length || 1);
            return <rect key={index} x={index} y={(HEIGHT - height) / 2} width={0.7} height={height} fill={isPast ? "var(--mantine-primary-color-filled)" : "var(--mantine-color-dimmed)"} opacity={isPast ? 1 : 0.5} />;
          })}
        </svg>
        <input type="range" min={0} max={length || 1} step={0.05} value={at} onChange={(e) => seek(Number(e.target.value))} aria-label={`Position in the ${title.toLowerCase()}`} style={{ position: "absolute", inset: 0, width: "100%", opacity: 0, cursor: "pointer" }} />
      </div>
      <Text className="num" c="dimmed" fz="xs" w={92} ta="right">{seconds(at)} / {seconds(length)}</Text>
      <Text fz="xs" w={74}>{title}</Text>
    </Group>
  );
}

async function peaksOf(source: string, signal: AbortSignal): Promise<number[]> {
  const response = await fetch(source, { signal });
  if (!response.ok) return [];
  const context = new OfflineAudioContext(1, 1, 8000);
  const samples = (await context.decodeAudioData(await response.arrayBuffer())).getChannelData(0);
  const size = Math.max(1, Math.floor(samples.length / BARS));
  const loudest = Array.from({ length: BARS }, (_, bar) => {
    let peak = 0;
    for (let index = bar * size; index < Math.min((bar + 1) * size, samples.length); index += 4) peak = Math.max(peak, Math.abs(samples[index] ?? 0));
    return peak;
  });
  const top = Math.max(...loudest, 0.01);
  return loudest.map((peak) => peak / top);
}
