// Light or dark: the user's choice in this browser, else the setting of the system.
import { keep, recall } from './storage';

export const THEMES = ['system', 'light', 'dark'] as const;

export type Theme = (typeof THEMES)[number];

const STORAGE_KEY = 'deskbell.theme';

export function chosenTheme(): Theme {
  const stored = recall(STORAGE_KEY);
  return THEMES.find((theme) => theme === stored) ?? 'system';
}

export function applyTheme(theme: Theme): void {
  keep(STORAGE_KEY, theme === 'system' ? null : theme);
  if (theme === 'system') {
    delete document.documentElement.dataset.theme;
  } else {
    document.documentElement.dataset.theme = theme;
  }
}
