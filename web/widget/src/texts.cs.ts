import type { TextName } from './texts';

export const czech: Record<TextName, string> = {
  label: 'Dostupnost',
  available: 'Jsme tu pro vás',
  away: 'Teď tu nejsme',
  heading: 'Kdo je tu právě pro vás',
  nobody: 'Právě teď nikdo není k dispozici. Vraťte se prosím později.',
  unknown: 'Spojení se přerušilo. Připojujeme se znovu…',
  close: 'Zavřít',
};
