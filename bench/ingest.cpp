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
#include "bench/measure.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <thread>

namespace fs = std::filesystem;
using namespace nexte::bench;

namespace {

constexpr size_t baselines = 2; // bare and bare+
constexpr unsigned fleet = 10;  // workspaces at once

/// An empty folder for one run.
class run_folder {
public:
  explicit run_folder(const fs::path& beside) {
    std::string pattern = beside / "ingest-XXXXXX";
    if (!mkdtemp(pattern.data()))
      throw std::runtime_error("cannot make a folder in " + beside.string());
    path_ = pattern;
  }
  run_folder(const run_folder&) = delete;
  run_folder& operator=(const run_folder&) = delete;
  ~run_folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const {
    return path_;
  }

private:
  fs::path path_;
};

struct way {
  std::string name;
  std::string what;
  uint64_t contacts; ///< That a run must bring.
  std::function<uint64_t(const fs::path& folder)> run;
};

std::vector<way> ways_over(const contact_server& server, const contact_server& tenth) {
  const auto bare = [&](unsigned pages_per_commit, bool overlap) {
    return [&server, pages_per_commit, overlap](const fs::path& folder) {
      return run_bare_loop({server.port(), server.ca_pem(), folder, pages_per_commit, overlap});
    };
  };
  const auto engine = [](const contact_server& from, unsigned workspaces) {
    return [&from, workspaces](const fs::path& folder) {
      return run_engine_sync({from.port(), from.ca_pem(), folder, workspaces});
    };
  };
  return {
      {"bare", "page by page, each in a durable transaction of its own", server.contacts(),
       bare(1, false)},
      {"bare+", "next pages fetched meanwhile, ten pages per transaction", server.contacts(),
       bare(10, true)},
      {"engine", "the engine, from its start and the consent to its stop", server.contacts(),
       engine(server, 1)},
      {"engine x10", "ten workspaces at once, a tenth of the contacts each",
       fleet * tenth.contacts(), engine(tenth, fleet)},
  };
}

sample run_once(const way& how, const fs::path& data) {
  const run_folder folder{data};
  return timed([&] {
    const uint64_t written = how.run(folder.path());
    if (written != how.contacts)
      throw std::runtime_error(how.name + " wrote " + std::to_string(written) + " contacts");
  });
}

void run_all(uint64_t contacts, unsigned runs, const fs::path& json) {
  const fs::path data = json.has_parent_path() ? json.parent_path() : fs::path{"."};
  const contact_server server{contacts};
  const contact_server tenth{contacts / fleet};
  const auto ways = ways_over(server, tenth);
  std::vector<series> all;
  for (const auto& how : ways)
    all.push_back({how.name, how.what, how.contacts, {}});
  for (unsigned run = 0; run <= runs; ++run) // ways take turns: a slow minute hits all of them
    for (size_t w = 0; w < ways.size(); ++w) {
      const sample taken = run_once(ways[w], data);
      if (run > 0) // the first warms the caches
        all[w].runs.push_back(taken);
    }
  const parameters settings{{"contacts", std::to_string(contacts)},
                            {"page", std::to_string(contacts_per_page)},
                            {"runs", std::to_string(runs) + " and one to warm up"},
                            {"cores", std::to_string(std::thread::hardware_concurrency())},
                            {"data", fs::absolute(data).string()}};
  print_table(settings, all, baselines);
  if (!json.empty())
    write_json(json, "ingest", settings, all, baselines);
}

} // namespace

int main(int argc, char** argv) {
  uint64_t contacts = 100'000;
  unsigned runs = 5;
  bool quick = false;
  fs::path json;
  CLI::App app{"An initial sync beside a bare loop."};
  app.add_option("--contacts", contacts, "How many there are")->check(CLI::Range(1000, 10'000'000));
  app.add_option("--runs", runs, "Runs of each way")->check(CLI::Range(1, 100));
  app.add_flag("--quick", quick, "10,000 contacts: proves that it runs, says little");
  app.add_option("--json", json, "Where to write the result; the data of a run lies beside it");
  CLI11_PARSE(app, argc, argv);
  try {
    run_all(quick ? 10'000 : contacts, runs, json);
    return 0;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "bench_ingest: %s\n", failure.what());
    return 1;
  }
}
