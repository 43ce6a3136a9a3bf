import { describe, expect, it } from 'vitest';
import { clock } from '../src/world';

describe('the clock', () => {
  it('advances by the larger step of both clocks, and never goes back', () => {
    let wall = 1_000_000;
    let steady = 50;
    const now = clock(
      () => wall,
      () => steady,
    );
    expect(now()).toBe(0);
    [wall, steady] = [wall + 10, steady + 10];
    expect(now()).toBe(10);
    // The machine has slept, and the steady clock has stopped.
    [wall, steady] = [wall + 3_600_000, steady + 1];
    expect(now()).toBe(3_600_010);
    // A user sets the wall clock back.
    [wall, steady] = [wall - 7_200_000, steady + 20];
    expect(now()).toBe(3_600_030);
    [wall, steady] = [wall + 5, steady + 5];
    expect(now()).toBe(3_600_035);
  });
});
