// The incidents of all integrations: one per problem, its stage rising with age, the host told.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/pending_commits.hpp"
#include "actors/policy/escalation.hpp"
#include "actors/ports.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace nexte {

struct incidents_deps {
  std::shared_ptr<const engine_ports> ports;
  std::shared_ptr<const store> data;
  store_writer_actor writer;
  timers_actor timers;
  std::function<void(const notification_row&)> on_notification; ///< May be null.
  /// For texts, by an integration as stored.
  std::function<provider_words(integration_id)> provider_of;
};

/// Keeps what the store could not take, and tries it again until it can: nothing that the host
/// must hear is lost while the process lives.
class incidents_state {
public:
  static inline constexpr const char* name = "incidents";
  explicit incidents_state(incidents_actor::pointer self) : self_(self) {}
  incidents_actor::behavior_type make_behavior(incidents_deps deps);

private:
  using problem = std::tuple<integration_id, std::string, std::string>; ///< kind, stream
  struct open_incident {
    incident_row row;
    provider_words provider;
  };
  struct unsaved_write {
    problem about;
    bool opens = false; ///< The first one of its incident.
    store_write write;
  };
  enum slot : uint32_t { slot_stage, slot_retry };

  void load();
  void open(const trouble& news);
  void close(const trouble_over& news);
  void raise();
  void arm();
  void write(const open_incident& incident, bool notify, bool opens = false);
  bool forget_unsaved(const problem& about);
  void save();
  void saved(const committed& fact);
  void retry_later();
  void tell_host();

  incidents_actor::pointer self_;
  incidents_deps deps_;
  std::map<problem, open_incident> open_;
  uint64_t told_ = 0;                  ///< The last notification the host heard.
  std::vector<unsaved_write> unsaved_; ///< In order; those of `saving_` come before them.
  std::vector<unsaved_write> saving_;  ///< Given to the store, not answered yet.
  unsigned failures_ = 0;              ///< Of the store in a row.
  pending_commits commits_;
};

incidents_actor::behavior_type incidents(incidents_actor::stateful_pointer<incidents_state> self,
                                         incidents_deps deps);

} // namespace nexte
