import { LastActiveDialog } from './LastActiveDialog';
import { NoSeatDialog } from './NoSeatDialog';
import type { Activity } from './useActivity';

/** The announcements of `useActivity`, and the dialog of its current question. */
export function ActivityDialogs({ activity }: { activity: Activity }) {
  const { announcement, question } = activity;
  return (
    <>
      <div className="visually-hidden" role="status">
        {announcement}
      </div>
      {question?.about === 'seat' && (
        <NoSeatDialog
          key={question.operator.id}
          operator={question.operator}
          limit={question.limit}
          news={question.news}
          onActivate={() => {
            question.close();
            void activity.setActive(question.operator, true);
          }}
          onClose={question.close}
        />
      )}
      {question?.about === 'last' && (
        <LastActiveDialog key={question.operator.id} operator={question.operator} onAnswer={question.answer} />
      )}
    </>
  );
}
