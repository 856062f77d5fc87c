// Many integrations of one provider as a former run of the engine left them: signed in, synced,
// with a checkpoint.
#pragma once

#include "actors/engine.hpp"
#include "bench/must.hpp"
#include "bench/suite.hpp"
#include "protocol/http/transport.hpp"

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>

namespace nexte::bench {

struct resting_fleet {
  unsigned integrations = 0;
  std::string mode = "hourly";
  seconds poll_every{300}; ///< In mode "real_time".
  bool synced = true;      ///< Else each begins with a complete enumeration.
};

inline constexpr const char* fleet_stream = "contacts";

/// Whose token it is; throws std::runtime_error for one of nobody.
unsigned number_of(std::string_view authorization);
integration_id id_of(unsigned number);

/// Their rows on the disk, written by a process that has ended.
class fleet_on_disk {
public:
  /// Writes them into a folder beside `folder`, all last synced now. Throws std::runtime_error.
  /// @pre this process has one thread
  fleet_on_disk(const std::filesystem::path& folder, const resting_fleet& fleet);
  const std::filesystem::path& folder() const {
    return folder_.path();
  }

private:
  run_folder folder_;
};

/// For an engine over that folder; its quota is out of reach.
engine_options engine_over(const std::filesystem::path& folder, const resting_fleet& fleet);

/// A provider without anything new, at no distance. Any thread.
class quiet_provider final : public transport {
public:
  /// `on_call` hears whose token each request carries, before it is answered.
  explicit quiet_provider(std::function<void(unsigned number)> on_call = {})
      : on_call_(std::move(on_call)) {}
  void call(http_request request, done on_done) override;
  uint64_t calls() const {
    return calls_;
  }

private:
  std::function<void(unsigned)> on_call_;
  std::atomic<uint64_t> calls_ = 0;
};

wall_time clock_now();

} // namespace nexte::bench
