import { until } from '../../clients/check.mjs';
import { openChat } from '../stage/chat.mjs';
import { enter } from '../stage/pages.mjs';
import { company } from '../stage/people.mjs';
import { snippet, strict } from '../stage/website.mjs';
import { widget, widgetSays } from '../stage/widget.mjs';

export const title = 'Full access switches the chat off and on, and websites follow at once';

export async function story(stage) {
  const acme = await company(stage.deskbell.base);
  const shop = await stage.website();
  const visitor = await stage.visit({ websites: [shop] });
  await visitor.page.goto(
    shop.page('/', snippet(stage.deskbell.base, acme.widgetKey), { policy: strict(stage.deskbell.base) }),
  );
  await widgetSays(visitor.page, 'We are available');
  await openChat(visitor.page);

  const { page } = await stage.visit();
  await enter(page, acme.owner, '/settings/account');
  const chat = page.getByRole('switch', { name: 'Visitors can write to you' });
  await chat.and(page.locator('[aria-checked="true"]')).click();
  await page.getByText('Off: the widget shows only who is available').waitFor();
  await until(
    () => widget(visitor.page),
    ({ heading, people }) => heading === 'Here for you now' && people.length === 1,
    'the availability without the chat',
  );
  stage.step('switched off, the open panel shows the availability');

  await page.reload();
  await chat.and(page.locator('[aria-checked="false"]')).click();
  await until(
    () => widget(visitor.page),
    ({ heading }) => heading === 'We are available',
    'the chat',
  );
  await stage.picture(page, 'settings-chat');
  stage.step('switched on, the chat is back');
}
