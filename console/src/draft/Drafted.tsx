import { ErrorState, Loading } from "../shared/States";
import { loadDraft, useDraft } from "./store";

/** In the place of what is edited as long as the draft is not there: typed before, it would go nowhere. */
export function DraftAwaited() {
  const error = useDraft((state) => state.error);
  return error ? <ErrorState error={error} retry={() => void loadDraft()} /> : <Loading />;
}
