#include "actors/explaining.hpp"

#include <algorithm>
#include <utility>

namespace nexte {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words)
    text.append(text.empty() ? "" : ", ").append(word);
  return text.empty() ? "none" : text;
}

std::string in_version(const std::string& version) {
  return version.empty() ? std::string{} : " in version " + version;
}

/// Puts the answer together: evidence is gathered on the way to the one reason.
class explainer {
public:
  explainer(const record_facts& known, const look_up_outcome& asked)
      : known_(known), asked_(asked), stream_(*known.stream) {}

  explanation conclude() {
    note_store();
    if (known_.quarantined)
      return of_quarantine();
    if (known_.stored && !known_.stored->deleted)
      return because("synced", "It is here.");
    if (stream_.pause)
      return of_pause();
    if (!known_.signed_in)
      return of_no_sign_in();
    if (asked_.seen)
      for (const auto& fact : asked_.seen->evidence)
        note(fact);
    if (asked_.refusal)
      return of_refusal(*asked_.refusal);
    return asked_.seen ? of_sighting(*asked_.seen) : of_silence(asked_.not_asked);
  }

private:
  void note(std::string fact) {
    why_.evidence.push_back(std::move(fact));
  }
  explanation because(std::string code, std::string sentence) {
    why_.code = std::move(code);
    why_.sentence = std::move(sentence);
    return std::move(why_);
  }
  /// " again at …", for a time that is known.
  static std::string at(wall_time when) {
    return when == wall_time{} ? std::string{} : " at " + format_iso_time(when);
  }

  void note_store() {
    const auto& row = stream_.row;
    if (!known_.stored)
      note("It was never stored here.");
    else
      note("It is stored here" + in_version(known_.stored->version)
           + (known_.stored->deleted ? ", as deleted." : "."));
    if (row.synced_at == wall_time{})
      note(stream_.what->title + " were not read to their end yet.");
    else
      note(stream_.what->title + " were last read to their end at " + format_iso_time(row.synced_at)
           + (row.verified_at == row.synced_at ? ", with the provider's end marker."
                                               : ", without proof of it."));
    if (row.held_deletes > 0)
      note(std::to_string(row.held_deletes)
           + " deletions of this stream are held back until a person releases them.");
  }

  explanation of_quarantine() {
    note("It was set aside at " + format_iso_time(known_.quarantined->at) + ".");
    return because("quarantined", "The stream steps over it: " + known_.quarantined->reason);
  }

  /// A stream that stands still: a scope, or the person's permission, is missing.
  explanation of_pause() {
    const auto& pause = *stream_.pause;
    if (pause.code != "scope_missing") {
      note(known_.provider_title + " refused to show " + stream_.what->title + " (" + pause.code
           + ").");
      return because("hidden_from_account", pause.because);
    }
    note("Missing is the permission " + joined(pause.missing_scopes) + ".");
    note("Granted are " + joined(known_.granted_scopes) + ".");
    return because("scope_missing", pause.because);
  }

  explanation of_no_sign_in() {
    note(known_.provider_title + " was not asked: nobody is signed in.");
    if (known_.stored)
      return gone_either_way();
    return because("disconnected", "Nothing is read while the integration is disconnected.");
  }

  /// Known to be gone there, and not whether for good.
  explanation gone_either_way() {
    return because("deleted", "It was archived or deleted at " + known_.provider_title
                                  + "; its last content is kept here.");
  }

  explanation of_refusal(const verdict& refusal) {
    const auto refused = known_.provider_title + " was asked for it and refused: ";
    switch (refusal.kind) {
      case verdict_kind::scope_missing:
        note(refused + refusal.sentence);
        return because("scope_missing", refusal.sentence);
      case verdict_kind::forbidden:
        note(refused + refusal.sentence);
        return because("hidden_from_account", refusal.sentence);
      case verdict_kind::limited:
        note(refused + refusal.sentence);
        return known_.stored ? gone_either_way() : of_quota();
      default: return of_silence(refusal.sentence);
    }
  }

  explanation of_sighting(const sighting& seen) {
    const auto& title = known_.provider_title;
    const bool was_here = known_.stored.has_value();
    switch (seen.found) {
      case standing::archived:
        return because("archived_at_provider",
                       "It is archived at " + title
                           + (was_here ? "; its last content is kept here."
                                       : ": archived records are not synced."));
      case standing::absent:
        if (was_here)
          return because("deleted",
                         "It was deleted at " + title + "; its last content is kept here.");
        return because("not_shown_by_provider",
                       title + " shows " + known_.account
                           + " no such record: it was deleted, never was, or lies in a space that "
                             "this account cannot see.");
      case standing::hidden:
        return because("hidden_from_account",
                       "It lies in a space that " + known_.account + " cannot see at " + title
                           + ": share it with that account, or ask an administrator.");
      case standing::filtered:
        return because("filtered", "This stream leaves it out: " + seen.rule);
      case standing::shown: return not_read_yet(&seen);
    }
    return not_read_yet(nullptr);
  }

  /// The provider did not answer: what is known is told, and that it could not be asked.
  explanation of_silence(const std::string& cause) {
    note(known_.provider_title + " could not be asked: " + cause);
    if (known_.quota_back_at)
      note("Requests wait for quota until " + format_iso_time(*known_.quota_back_at) + ".");
    if (known_.stored)
      return gone_either_way();
    const bool never_read = stream_.row.synced_at == wall_time{};
    if (known_.paused || known_.limited || stream_.failures > 0 || never_read)
      return not_read_yet(nullptr);
    return because("provider_not_asked", "It was never stored, and why only "
                                             + known_.provider_title + " could tell, which "
                                             + "could not be asked. Ask again later.");
  }

  explanation of_quota() {
    return because("held_by_quota", "Reading goes on by itself when " + known_.provider_title
                                        + "'s quota allows it"
                                        + at(known_.quota_back_at.value_or(wall_time{})) + ".");
  }

  /// It is there, for all that is known, and was not brought yet. `seen` null: nobody could say.
  explanation not_read_yet(const sighting* seen) {
    if (known_.paused)
      return because("paused", "Nothing is read while the integration is paused; Refresh reads "
                               "everything once, the mode real_time or hourly all the time.");
    if (known_.limited)
      return of_quota();
    if (stream_.failures > 0 && known_.last_error)
      return of_failure(*known_.last_error);
    if (stream_.run) {
      note("A run is under way, with " + std::to_string(stream_.run->counts().items)
           + " items so far.");
      return because("not_yet_due", stream_.what->title + " are being read right now.");
    }
    // The feed of changes has passed it by: the next complete enumeration shows it at the latest.
    if (seen && seen->modified_at != wall_time{}
        && seen->modified_at + missed_after < stream_.row.synced_at) {
      const auto due = stream_.row.enumerated_at + stream_.what->reconcile_every;
      note("Its last change lies before the last run.");
      return because("not_yet_due", "It comes with the next complete enumeration, at the latest"
                                        + at(due) + "; Refresh begins one at once.");
    }
    return because("not_yet_due", "It comes with the next sync" + at(known_.next_sync_at) + ".");
  }

  explanation of_failure(const error_entry& last) {
    note("The last run failed at " + format_iso_time(last.at) + ": " + last.sentence);
    if (last.code == to_string(ec::malformed))
      return because("failed_to_parse", known_.provider_title + " answers what cannot be read, so "
                                            + stream_.what->title + " are not read past it.");
    return because("sync_failing", stream_.what->title + " cannot be read just now; it is tried "
                                       + "again by itself" + at(known_.next_sync_at) + ".");
  }

  /// Longer than any provider's index trails.
  static constexpr std::chrono::minutes missed_after{30};

  const record_facts& known_;
  const look_up_outcome& asked_;
  const stream_state& stream_;
  explanation why_;
};

} // namespace

bool must_ask(const record_facts& known) {
  return !known.quarantined && !(known.stored && !known.stored->deleted) && !known.stream->pause
         && known.signed_in;
}

explanation explain_record(const record_facts& known, const look_up_outcome& asked) {
  return explainer{known, asked}.conclude();
}

} // namespace nexte
