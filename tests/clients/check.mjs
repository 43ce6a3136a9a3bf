// Assertions and waits.

const DEADLINE_MS = 10_000;

export function check(condition, message) {
  if (!condition) {
    throw new Error(message);
  }
}

export function same(actual, expected, what) {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  check(a === b, `${what}: expected ${b}, got ${a}`);
}

/** Resolves with the promise's value. Rejects after the deadline, naming what is missing. */
export async function within(promise, what, deadlineMs = DEADLINE_MS) {
  let timer;
  const late = new Promise((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not come within ${deadlineMs} ms`)), deadlineMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Waits until the result of `read` satisfies `isRight`. After the deadline, fails with the last
 * result.
 */
export async function until(read, isRight, what, deadlineMs = 15_000) {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const value = await read();
    if (isRight(value)) {
      return value;
    }
    check(Date.now() < end, `${what} did not come within ${deadlineMs} ms; there is: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
