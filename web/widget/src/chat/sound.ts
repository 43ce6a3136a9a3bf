// A short tone, made by the browser: no file, and no source for media in the page's policy.

let audio: AudioContext | null = null;

export function chime(): void {
  try {
    audio ??= new AudioContext();
    const { currentTime: now, destination } = audio;
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = 880;
    volume.gain.setValueAtTime(0.08, now);
    volume.gain.exponentialRampToValueAtTime(0.001, now + 0.4);
    tone.connect(volume);
    volume.connect(destination);
    tone.start(now);
    tone.stop(now + 0.4);
  } catch {
    // No sound until the visitor has clicked anything on the page.
  }
}
