// One simulated Pipedrive company: who it is, what it holds, what it may spend.
#pragma once

#include "protocol/pipedrive/simulator_store.hpp"
#include "protocol/simulation/simulator.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace nexte::simulation::pipedrive {

/// Tokens that a company's apps spend in a day (pipedrive.md §5).
class token_budget {
public:
  explicit token_budget(unsigned limit) : limit_(limit) {}
  /// False, and nothing is spent, where they do not suffice.
  bool spend(unsigned tokens, wall_time now);
  unsigned remaining(wall_time now);
  unsigned limit() const {
    return limit_;
  }
  /// Another app spends all but `left`.
  void leave(unsigned left, wall_time now);
  /// Until the server's midnight.
  static milliseconds until_midnight(wall_time now);

private:
  void begin_day(wall_time now);
  unsigned limit_;
  unsigned spent_ = 0;
  std::chrono::sys_days day_{};
};

/// A field that the company has added to a kind of entity.
struct custom_field {
  std::string code; ///< 40 hexadecimal digits, under which records have it.
  std::string name;
};

class company {
public:
  /// Company number `index` of a simulator with these options.
  company(size_t index, const simulator_options& options);

  /// Filled from the data set on first use.
  record_store& records(const schema& type);
  /// In the order of their making; the first of each kind was there from the beginning.
  std::vector<custom_field>& custom_fields(const schema& type) {
    return custom_fields_[static_cast<size_t>(&type - schemas().data())];
  }
  bool has_user(int64_t user) const {
    return user >= user_id && user < user_id + users;
  }

  static constexpr int64_t users = 3;
  static constexpr int64_t pipeline_id = 1;
  static constexpr int64_t stages = 5; ///< Of ids 1 to 5.

  int64_t id = 0;
  int64_t user_id = 0; ///< Who installed the app, and the first of the users.
  std::string domain;  ///< The first label of its host: "north-trading".
  std::string login;   ///< Whom `login_hint` selects.
  std::string name;
  token_budget budget;
  bool unpaid = false;               ///< Every call answers 402.
  std::set<std::string_view> capped; ///< Kinds that the plan lets nobody add to.
  uint64_t cursor_epoch = 0;         ///< Cursors of another one are refused.

private:
  simulator_options options_;
  std::array<std::unique_ptr<record_store>, 3> records_;
  std::array<std::vector<custom_field>, 3> custom_fields_;
};

} // namespace nexte::simulation::pipedrive
