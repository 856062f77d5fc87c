// The Drive of a simulated Google account: files, folders, a feed of changes (google.md §4).
#pragma once

#include "protocol/google/simulator_store.hpp"
#include "protocol/json/writer.hpp"

#include <set>
#include <utility>

namespace nexte::simulation::google {

/// Page tokens of lists live so long (google.md §4.2: "hours").
inline constexpr std::chrono::hours list_token_life{6};

struct file {
  std::string id;
  std::string name;
  std::string mime_type;
  std::string drive; ///< Of a shared drive; empty: My Drive.
  wall_time created_at{};
  wall_time modified_at{};
  uint64_t version = 1;
  bool trashed = false;
};

/// A file's latest change: it is told once, in its latest state.
struct file_change {
  std::string id;
  wall_time at{};
  bool removed = false;
};

class files final : public record_store {
public:
  std::vector<seen_record> all() const override;
  bool holds(std::string_view id) const override {
    return find(id) != nullptr;
  }
  std::string create(std::string_view text, wall_time now) override;
  void edit(std::string_view id, std::string_view text, wall_time now) override; ///< Its name.
  void remove(std::string_view id, wall_time now) override;
  void restore(std::string_view id, wall_time now) override;
  void erase(std::string_view id, wall_time now) override;

  /// Fills it without changes.
  void seed(file made);
  const file* find(std::string_view id) const;
  const std::map<std::string, file, std::less<>>& held() const {
    return files_;
  }
  /// Changes from this number on, at most `most`, and whether more follow.
  std::pair<std::vector<std::pair<uint64_t, file_change>>, bool> changes(uint64_t from,
                                                                         size_t most) const;
  /// The number that the next change will have.
  uint64_t next_change() const {
    return last_change_ + 1;
  }
  /// An id as Drive makes them.
  std::string fresh_id();

  uint64_t cursor_epoch = 0; ///< Page tokens of lists of another one are refused.

private:
  void note(std::string_view id, bool removed, wall_time now);
  file& change(std::string_view id, wall_time now);

  std::map<std::string, file, std::less<>> files_;
  std::map<uint64_t, file_change> changes_;
  std::map<std::string, uint64_t, std::less<>> latest_; ///< A file's place among them.
  uint64_t last_change_ = 8721;
  uint64_t last_id_ = 0;
};

void write_file(json::writer& out, const file& one, std::string_view owner);

} // namespace nexte::simulation::google
