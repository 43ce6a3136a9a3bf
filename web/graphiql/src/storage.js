// Where GraphiQL keeps tabs and history: in this browser tab, gone when it closes.
// What is typed here holds passwords (`signIn`) and, in the history, even headers with bearer tokens;
// GraphiQL's own default would leave them in the browser for good. Only the theme is kept.

const PREFIX = 'graphiql:';
const LASTING = new Set([`${PREFIX}theme`]);

function shelf(key) {
  return LASTING.has(key) ? localStorage : sessionStorage;
}

function ownKeys(store) {
  return Object.keys(store).filter((key) => key.startsWith(PREFIX));
}

export const storage = {
  getItem: (key) => shelf(key).getItem(key),
  setItem: (key, value) => shelf(key).setItem(key, value),
  removeItem: (key) => shelf(key).removeItem(key),
  clear: () => {
    for (const store of [localStorage, sessionStorage]) {
      ownKeys(store).forEach((key) => store.removeItem(key));
    }
  },
  get length() {
    return ownKeys(localStorage).length + ownKeys(sessionStorage).length;
  },
};

export function hasTabs() {
  return storage.getItem(`${PREFIX}tabState`) !== null;
}
