// The network of a simulation: providers at one end, faults in between, rules at the door.
#pragma once

#include "actors/program/simulate/agenda.hpp"
#include "actors/program/simulate/faults.hpp"
#include "actors/program/simulate/ruling.hpp"
#include "actors/program/simulate/token_finder.hpp"
#include "actors/program/simulate/trace.hpp"
#include "protocol/core/token.hpp"
#include "protocol/http/transport.hpp"
#include "protocol/simulation/observer.hpp"
#include "protocol/simulation/simulator.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace nexte::program {

/// What the network takes from the world around it.
struct network_ports {
  agenda* events = nullptr;
  fault_draw* faults = nullptr;
  trace* told = nullptr;
  ruling* rules = nullptr;
  std::function<milliseconds()> elapsed; ///< Since the simulation began.
  /// Whether the engine has made an access token of this account durable.
  std::function<bool(std::string_view provider, size_t account, std::string_view access_token)>
      is_durable;
};

/// What a local edit of this number writes: no text holds it by chance.
std::string mark_of(uint64_t edit);

/// Carries calls to simulated providers. A provider acts at the moment of the call; its answer
/// arrives later. One thread.
class simulated_network final : public transport {
public:
  simulated_network(network_ports ports, uint64_t seed)
      : ports_(std::move(ports)), latency_(seed) {}

  /// Mounts `provider` at `base`; it must take part in simulations and outlive this.
  void add(std::string base, simulation::simulator* provider);
  void call(http_request request, done on_done) override;
  /// A person's browser: always gets through.
  http_response browse(const http_request& request);

  /// Every answer of a provider fails, for so long.
  void fail(std::string_view provider, milliseconds span);
  /// No provider fails any more.
  void heal();
  /// The process that called is gone: its answers go nowhere.
  void cut();
  /// What the providers' clocks show.
  wall_time provider_now() const;

  milliseconds skew{0}; ///< Of the providers' clocks.
  uint64_t calls = 0;
  token_finder secrets;     ///< Every token that was sent.
  std::set<uint64_t> marks; ///< Numbers of local edits that a provider has seen: see `mark_of`.

private:
  struct mounted {
    std::string base;
    simulation::simulator* provider = nullptr;
    /// Access tokens that refreshes gave and nobody used yet.
    std::set<std::string, std::less<>> refreshed;
    std::set<std::string, std::less<>> refreshing; ///< Refresh tokens under way.
    milliseconds fails_until{0};
  };
  /// A call on its way, and how it ends.
  struct flight {
    mounted* to = nullptr;
    std::optional<size_t> account;
    std::string access_token;
    std::string refresh_token; ///< Of a refresh.
    std::string path;
    std::string place;   ///< Provider, account and path.
    std::string request; ///< The same request again has the same.
    std::string label;   ///< For the trace.
    milliseconds takes{0};
    http_answer answer{error{ec::bug, "not answered"}, true};
    bool never = false;
  };

  flight look(const http_request& request);
  void check(const flight& call, const http_request& request);
  /// The provider's side, with whatever goes wrong there and on the way.
  void perform(flight& call, const http_request& request);
  bool fail_on_the_way(flight& call, const http_request& request);
  bool refuse_at_the_door(flight& call);
  void spoil(flight& call, http_response good);
  http_response handle(flight& call, const http_request& request);
  void note_marks(std::string_view body);
  void note_end(const flight& call);
  bool strikes(flight& call, fault_site site);

  network_ports ports_;
  simulation::seeded_random latency_;
  std::vector<std::unique_ptr<mounted>> mounted_;
  std::map<std::string, milliseconds, std::less<>> not_before_; ///< By place or request.
  std::map<std::string, unsigned, std::less<>> under_way_;      ///< By account.
  uint64_t process_ = 0;                                        ///< Which one calls.
  milliseconds forgiven_until_{0}; ///< Until then a full window is no fault of the engine's.
};

} // namespace nexte::program
