// One simulated Google account: who it is, and what it holds.
#pragma once

#include "protocol/google/simulator_calendars.hpp"
#include "protocol/google/simulator_files.hpp"
#include "protocol/google/simulator_mailbox.hpp"
#include "protocol/simulation/simulator.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace nexte::simulation::google {

/// The streams of a simulated account, as its record ids and admin actions name them.
std::span<const std::string_view> stream_names();

class account {
public:
  /// Account number `index` of a simulator with these options.
  account(size_t index, const simulator_options& options);

  // Filled from the data set on first use.
  mailbox& mail();
  calendars& events();
  files& drive();
  /// By the stream's name; null when there is none.
  record_store* store(std::string_view stream);

  std::string id;    ///< `sub`
  std::string login; ///< Whom `login_hint` selects.
  std::string name;

private:
  simulator_options options_;
  size_t index_;
  std::unique_ptr<mailbox> mail_;
  std::unique_ptr<calendars> events_;
  std::unique_ptr<files> drive_;
};

} // namespace nexte::simulation::google
