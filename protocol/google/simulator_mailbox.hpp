// The mailbox of a simulated Google account: messages, labels, a history (google.md §2).
#pragma once

#include "protocol/google/simulator_store.hpp"
#include "protocol/json/writer.hpp"

#include <deque>
#include <optional>
#include <set>
#include <utility>

namespace nexte::simulation::google {

/// History is kept so long (google.md §2.3: "at least a week, usually").
inline constexpr std::chrono::days history_kept{7};

struct message {
  std::string id; ///< Hexadecimal, as its thread.
  std::string thread;
  std::set<std::string> labels;
  uint64_t history_id = 0; ///< Of its last change.
  wall_time received_at{};
  std::string from;
  std::string subject;
  std::string text;
};

/// One entry of the history.
struct history_entry {
  enum class kind : uint8_t { added, deleted, labels_added, labels_removed };
  uint64_t id = 0;
  wall_time at{};
  kind what = kind::added;
  std::string message;
  std::string thread;
  std::vector<std::string> labels; ///< The message's after it, or those that it is about.
};

class mailbox final : public record_store {
public:
  std::vector<seen_record> all() const override;
  bool holds(std::string_view id) const override;
  std::string create(std::string_view text, wall_time now) override; ///< Arrives, unread.
  void edit(std::string_view id, std::string_view text, wall_time now) override; ///< A star.
  void remove(std::string_view id, wall_time now) override;
  void restore(std::string_view id, wall_time now) override;
  void erase(std::string_view id, wall_time now) override;

  /// Fills it without history. @pre ids ascend
  void seed(message made);
  const message* find(std::string_view id) const;
  void change_labels(std::string_view id, const std::vector<std::string>& add,
                     const std::vector<std::string>& take, wall_time now);
  /// Newest first: those behind `after` that bear all `labels`, at most `most`, and whether more
  /// follow. Without spam and bin unless `everywhere`.
  std::pair<std::vector<const message*>, bool> list(std::optional<std::string> after,
                                                    const std::vector<std::string>& labels,
                                                    bool everywhere, size_t most) const;
  uint64_t history_id() const {
    return history_id_;
  }
  /// Entries behind `start`, in order; null where the history no longer goes back so far, or not
  /// yet so far on.
  std::optional<std::vector<const history_entry*>> history(uint64_t start, wall_time now);
  /// Nothing that was known of the history so far is of use any more.
  void forget_history();
  size_t size() const {
    return messages_.size();
  }

  uint64_t cursor_epoch = 0; ///< Page tokens of another one are refused.

private:
  uint64_t note(history_entry::kind what, const message& of, std::vector<std::string> labels,
                wall_time now);

  std::map<std::string, message, std::less<>> messages_;
  std::deque<history_entry> history_;
  uint64_t history_id_ = 4'711'000;
  uint64_t forgotten_ = 4'711'000; ///< Entries up to it are no longer kept.
  uint64_t last_id_ = 0x18c2f0a1b2c00000;
};

/// As `messages.get` shows it; `format` is "minimal", "metadata" or "full".
void write_message(json::writer& out, const message& one, std::string_view format);

} // namespace nexte::simulation::google
