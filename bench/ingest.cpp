// How fast is an initial sync of 100,000 contacts, beside a loop that does nothing else?
//
// Every way reads the same pages of 100 from the same TLS server on this machine and makes them
// durable in LMDB; ratios are those of one turn, in which the ways follow each other. The numbers
// lie when the data lies on a RAM disk (commits cost nothing), when the machine has fewer than two
// free cores (the server takes one), or when another program writes to the same disk. The engine's
// quota is set out of reach: against HubSpot itself it, not the engine, would be the limit.
#include "bench/bare_loop.hpp"
#include "bench/contact_server.hpp"
#include "bench/engine_sync.hpp"
#include "bench/suite.hpp"

#include <chrono>
#include <stdexcept>

namespace fs = std::filesystem;
using namespace nexte::bench;

namespace {

constexpr unsigned fleet = 10; // workspaces at once

/// The later one ends first, as it must.
struct servers {
  explicit servers(uint64_t contacts) : whole(contacts), tenth(contacts / fleet) {}
  contact_server whole;
  contact_server tenth;
};
using server_of = contact_server servers::*;

/// Times what brings so many contacts.
figures timed(uint64_t contacts, const std::function<uint64_t()>& bring) {
  const double cpu = cpu_seconds();
  const auto begun = std::chrono::steady_clock::now();
  const uint64_t written = bring();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  if (written != contacts)
    throw std::runtime_error(std::to_string(written) + " contacts were written");
  const auto many = static_cast<double>(contacts);
  return {{"items/s", many / took.count()},
          {"CPU s per 100,000", (cpu_seconds() - cpu) * 100'000 / many}};
}

way bare(std::string name, std::string what, const std::shared_ptr<servers>& all,
         unsigned pages_per_commit, bool overlap) {
  return {
      std::move(name), std::move(what), [=](const fs::path& folder) {
        const auto& server = all->whole;
        return timed(server.contacts(), [&] {
          return run_bare_loop({server.port(), server.ca_pem(), folder, pages_per_commit, overlap});
        });
      }};
}

way engine(std::string name, std::string what, const std::shared_ptr<servers>& all, server_of which,
           unsigned workspaces) {
  return {std::move(name), std::move(what), [=](const fs::path& folder) {
            const auto& server = (*all).*which;
            return timed(workspaces * server.contacts(), [&] {
              return run_engine_sync({server.port(), server.ca_pem(), folder, workspaces});
            });
          }};
}

benchmark make(bool quick) {
  const uint64_t contacts = quick ? 10'000 : 100'000;
  const auto all = std::make_shared<servers>(contacts);
  benchmark made;
  made.name = "ingest";
  made.question
      = "How fast is an initial sync of " + readable(static_cast<double>(contacts)) + " contacts?";
  made.settings = {{"page", std::to_string(contacts_per_page) + " contacts"}};
  made.ways = {
      bare("bare", "page by page, each in a durable transaction of its own", all, 1, false),
      bare("bare+", "next pages fetched meanwhile, ten pages per transaction", all, 10, true),
      engine("engine", "the engine, from its start and the consent to its stop", all,
             &servers::whole, 1),
      engine("engine x10", "ten workspaces at once, a tenth of the contacts each", all,
             &servers::tenth, fleet),
  };
  made.comparisons = {
      {"items/s", "engine", "bare", aim_bound::at_least, 1.5},
      {"items/s", "engine", "bare+", aim_bound::at_least, 0.9},
      {"CPU s per 100,000", "engine", "bare+", aim_bound::at_most, 1.25},
      {"items/s", "engine x10", "bare+", aim_bound::at_least, 1.4},
  };
  return made;
}

} // namespace

int main(int argc, char** argv) {
  return run_benchmark(argc, argv, make);
}
