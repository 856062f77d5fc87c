// The first rule that was broken.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace nexte::program {

/// What must hold in every simulation, by name.
namespace invariant {
inline constexpr std::string_view quota_kept = "quota_kept";
inline constexpr std::string_view waits_out_retry_after = "waits_out_retry_after";
inline constexpr std::string_view token_stays_home = "token_stays_home";
inline constexpr std::string_view one_refresh_at_a_time = "one_refresh_at_a_time";
inline constexpr std::string_view token_durable_before_use = "token_durable_before_use";
inline constexpr std::string_view calls_bounded = "calls_bounded";
inline constexpr std::string_view nothing_foreign = "nothing_foreign";
inline constexpr std::string_view one_per_account = "one_per_account";
inline constexpr std::string_view never_older = "never_older";
inline constexpr std::string_view absence_is_not_deletion = "absence_is_not_deletion";
inline constexpr std::string_view no_empty_news = "no_empty_news";
inline constexpr std::string_view still_when_disconnected = "still_when_disconnected";
inline constexpr std::string_view one_way_out = "one_way_out";
inline constexpr std::string_view answers_everyone = "answers_everyone";
inline constexpr std::string_view starts_again = "starts_again";
inline constexpr std::string_view heals = "heals";
inline constexpr std::string_view nothing_lost = "nothing_lost";
inline constexpr std::string_view edits_arrive = "edits_arrive";
inline constexpr std::string_view no_edit_lost = "no_edit_lost";
inline constexpr std::string_view loser_kept_once = "loser_kept_once";
inline constexpr std::string_view one_object_per_create = "one_object_per_create";
inline constexpr std::string_view counts_agree = "counts_agree";
inline constexpr std::string_view falls_silent = "falls_silent";
inline constexpr std::string_view no_secret_told = "no_secret_told";
} // namespace invariant

struct broken_rule {
  std::string invariant;
  std::string says; ///< What was seen, with the ids involved.
  std::string who;  ///< Which account's events to show; empty: of all.
};

/// Keeps the first broken rule: what comes after may only be its consequence.
class ruling {
public:
  void broken(std::string_view invariant, std::string says, std::string who = {}) {
    if (!first_)
      first_ = broken_rule{std::string{invariant}, std::move(says), std::move(who)};
  }
  const std::optional<broken_rule>& first() const {
    return first_;
  }

private:
  std::optional<broken_rule> first_;
};

} // namespace nexte::program
