import { lookAround } from '../stage/looks.mjs';
import { company } from '../stage/people.mjs';
import { enterAs, furnish, OWNER, visitScene } from '../stage/scenes.mjs';
import { speaker } from '../stage/words.mjs';

export const title =
  'Pages and dialogs of the settings fit 360 pixels and more, in light and dark, and axe finds no violations';
export const isLong = true;

export async function story(stage) {
  const t = speaker('en');
  const acme = await company(stage.deskbell.base, { seats: 3 });
  const cast = { browser: stage.browser, owner: acme.owner, ...(await furnish(stage.browser, acme)) };
  const ada = await stage.visit();
  await enterAs(ada.page, t, acme.owner);
  for (const scene of OWNER) {
    await visitScene(ada, scene, t, cast, () => lookAround(stage, ada.page, scene.name));
    stage.step(scene.name);
  }
}
