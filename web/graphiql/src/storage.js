// Storage for the tabs and the history of GraphiQL: sessionStorage, which ends with the browser
// tab. Operations contain passwords (`signIn`), and the history contains headers with bearer
// tokens. By default, GraphiQL keeps both in localStorage permanently. Only the theme is stored
// there.

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
