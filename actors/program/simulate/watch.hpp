// Looks at what the engine holds and tells, and whether it may.
#pragma once

#include "actors/program/simulate/ruling.hpp"
#include "actors/program/simulate/world.hpp"
#include "protocol/provider.hpp"

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace nexte::program {

/// An edit that the engine took from a person.
struct taken_edit {
  integration_id integration;
  std::string stream;
  std::string record;  ///< As the receipt says.
  uint64_t number = 0; ///< It writes `mark_of` this; 0: it writes another text, or deletes.
  bool creates = false;
  bool erases = false;
};

/// The records and the words of an engine against the truth at the providers.
class watch {
public:
  watch(simulated_world& world, ruling& rules) : world_(world), rules_(rules) {}

  /// Reads what has changed since the last time. After every step.
  void follow();
  /// Looks at every panel. Now and then.
  void look_around();
  /// Every connected integration holds what its provider has: at rest, when nothing fails.
  void compare();
  uint64_t last_change() const {
    return feed_;
  }
  /// A person at the provider deleted the record.
  void was_removed(std::string_view provider, std::string_view stream, size_t account,
                   std::string_view id);
  void was_edited(taken_edit edit);
  /// Writes of records that the providers saw, of all.
  uint64_t writes_seen() const;

private:
  struct home {
    simulation::simulator* provider = nullptr;
    simulation::observer* seen = nullptr;
    size_t account = 0;
  };
  using record_key = std::tuple<integration_id, std::string, std::string>;
  /// What the host was told of a record.
  struct news {
    std::string version;
    std::string body;
    bool deleted = false;
    bool operator==(const news&) const = default;
  };

  /// Where an integration's data comes from; nullopt before it has an account.
  std::optional<home> home_of(const integration_row& row);
  void follow_record(const change_entry& change);
  void compare_stream(const integration_row& row, const home& from,
                      const stream_description& stream);
  /// What became of the edits on our side.
  void compare_edits();
  void look_for_twins();
  bool is_rejected(const taken_edit& edit) const;
  bool may_be_unnoticed(const stream_description& stream, const home& from,
                        std::string_view id) const;
  bool is_edited(const change_entry& change) const;
  bool is_erased(const change_entry& change) const;
  void compare_counts(const integration_row& row, const integration_status& panel);
  void check_news(const change_entry& change, const record_row& ours, const std::string& who);
  void check_panel(const integration_status& panel);
  void check_words(std::string_view text);

  simulated_world& world_;
  ruling& rules_;
  uint64_t feed_ = 0;
  size_t heard_ = 0;
  std::map<record_key, wall_time> newest_;
  std::map<record_key, news> told_;
  std::map<integration_id, home> homes_;
  std::map<std::string, milliseconds> removed_; ///< When.
  std::vector<taken_edit> edits_;
  std::set<record_key> edited_;
  std::set<integration_id> disconnected_; ///< When last looked around.
};

} // namespace nexte::program
