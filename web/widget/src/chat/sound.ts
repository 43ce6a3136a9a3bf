// A short tone, made by the browser: no file, and no source for media in the page's policy.

/** Other pages of the site have the answer within this time, hidden ones later than others. */
const HELD_MS = 3_000;

let audio: AudioContext | null = null;

/** Sounds on one page of the site. `name`: the same on all of them. */
export async function chime(name: string): Promise<void> {
  try {
    if (navigator.locks) {
      await navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
        if (lock) {
          sound();
          await pause();
        }
      });
      return;
    }
  } catch {
    // An opaque origin.
  }
  sound();
}

function sound(): void {
  // Later, when the visitor clicks anything, it would be about nothing.
  if (navigator.userActivation?.hasBeenActive === false) {
    return;
  }
  try {
    audio ??= new AudioContext();
    if (audio.state !== 'running') {
      void resume(audio);
    }
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

async function resume(context: AudioContext): Promise<void> {
  try {
    await context.resume();
  } catch {
    // The browser has closed it.
  }
}

function pause(): Promise<void> {
  // A page may have replaced `Promise`, but not what async functions return.
  const NativePromise = (async () => {})().constructor as PromiseConstructor;
  return new NativePromise((resolve) => {
    setTimeout(resolve, HELD_MS);
  });
}
