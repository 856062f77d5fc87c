// The people of a simulation, and fate: who edits what, signs in, changes his mind; what breaks.
#pragma once

#include "actors/program/simulate/watch.hpp"
#include "actors/program/simulate/world.hpp"

#include <optional>
#include <string>
#include <vector>

namespace nexte::program {

/// Schedules itself on the world's agenda. What people do is drawn from the seed, whatever the
/// engine makes of it.
class people {
public:
  people(simulated_world& world, fault_draw& faults, watch& sees, uint64_t seed,
         unsigned workspaces)
      : world_(world), faults_(faults), sees_(sees), chance_(seed), workspaces_(workspaces) {}

  /// Everybody signs in within the first minutes, then life goes on.
  void begin();
  /// Nothing breaks any more and nobody changes anything; who was disconnected signs in again.
  void rest();

private:
  struct member {
    std::string provider;
    std::string workspace;
    size_t account = 0;
    integration_id id;
  };

  milliseconds at_random(milliseconds below);
  void join(size_t number);
  void live(); ///< Edits at the providers.
  void work(); ///< Edits on our side.
  void edit(const member& who, const std::string& stream, const std::string& record);
  void erase(const member& who, const std::string& stream, const std::string& record);
  void restore();
  std::optional<std::string> some_record(const member& who, const std::string& stream);
  void decide(); ///< A person at the page.
  void suffer(); ///< The machine, the accounts.
  void sign_in(const member& who, size_t account);
  void sign_in_again();
  void fill_disk();

  simulated_world& world_;
  fault_draw& faults_;
  watch& sees_;
  simulation::seeded_random chance_;
  unsigned workspaces_;
  std::vector<member> cast_;    ///< Everybody, from the beginning.
  std::vector<member> members_; ///< Who has joined.
  uint64_t edits_ = 0;          ///< On our side, so far.
  std::string last_changed_;    ///< The record that was changed last at a provider.
  bool resting_ = false;
};

} // namespace nexte::program
