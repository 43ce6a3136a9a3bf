import { afterEach, beforeEach, expect, it, vi } from 'vitest';

/** Names of locks that some page of the site holds. */
let held: Set<string>;
let tones: number;
let resumed: number;

class ToyAudio {
  state = 'suspended';
  currentTime = 0;
  destination = {};
  createOscillator = () => ({ frequency: {}, connect() {}, start: () => (tones += 1), stop() {} });
  createGain = () => ({
    gain: { setValueAtTime() {}, exponentialRampToValueAtTime() {} },
    connect() {},
  });
  resume = async () => {
    resumed += 1;
    throw new Error('closed');
  };
}

async function request(name: string, _: object, run: (lock: object | null) => Promise<void>): Promise<void> {
  if (held.has(name)) {
    return run(null);
  }
  held.add(name);
  await run({});
  held.delete(name);
}

async function chime(name = 'sound'): Promise<void> {
  // Each page has its own copy of the file.
  vi.resetModules();
  const { chime: its } = await import('../../src/chat/sound');
  void its(name);
  await vi.advanceTimersByTimeAsync(0);
}

function stub(navigator: object): void {
  vi.stubGlobal('navigator', navigator);
}

beforeEach(() => {
  vi.useFakeTimers();
  held = new Set();
  tones = resumed = 0;
  vi.stubGlobal('AudioContext', ToyAudio);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('sounds on one page of a site, and wakes the audio', async () => {
  stub({ locks: { request } });
  await chime();
  await chime();
  expect([tones, resumed]).toEqual([1, 1]);
  await chime('of another chat');
  expect(tones).toBe(2);
  await vi.advanceTimersByTimeAsync(3_000);
  await chime();
  expect(tones).toBe(3);
});

it('sounds on each page where there are no locks, or none are allowed', async () => {
  stub({});
  await chime();
  await chime();
  expect(tones).toBe(2);
  stub({ locks: { request: async () => Promise.reject(new DOMException('opaque', 'SecurityError')) } });
  await chime();
  expect(tones).toBe(3);
});

it('is silent before the visitor has clicked anything', async () => {
  stub({ locks: { request }, userActivation: { hasBeenActive: false } });
  await chime();
  expect(tones).toBe(0);
  stub({ locks: { request }, userActivation: { hasBeenActive: true } });
  await vi.advanceTimersByTimeAsync(3_000);
  await chime();
  expect(tones).toBe(1);
});

it('goes on where there is no audio', async () => {
  stub({ locks: { request } });
  vi.stubGlobal('AudioContext', undefined);
  await chime();
  expect(held.size).toBe(1);
});
