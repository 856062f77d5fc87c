// How fast is an initial sync of 100,000 contacts, beside a loop that does nothing else?
//
// Every way reads the same pages of 100 from the same TLS server on this machine and makes them
// durable in LMDB; the ratio is taken of medians of one program run. The numbers lie when the data
// lies on a RAM disk (commits cost nothing), when the machine has fewer than two free cores (the
// server takes one), or when another program writes to the same disk.
#include "bench/bare_loop.hpp"
#include "bench/contact_server.hpp"
#include "bench/measure.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace fs = std::filesystem;
using namespace nexte::bench;

namespace {

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
  unsigned pages_per_commit;
  bool overlap;
};

sample run_bare(const way& how, const contact_server& server, const fs::path& data,
                uint64_t contacts) {
  const run_folder folder{data};
  return timed([&] {
    const uint64_t written = run_bare_loop(
        {server.port(), server.ca_pem(), folder.path(), how.pages_per_commit, how.overlap});
    if (written != contacts)
      throw std::runtime_error(how.name + " wrote " + std::to_string(written) + " contacts");
  });
}

void run_all(uint64_t contacts, unsigned runs, const fs::path& json) {
  const fs::path data = json.has_parent_path() ? json.parent_path() : fs::path{"."};
  const contact_server server{contacts};
  const way ways[] = {
      {"bare", "page by page, each in a durable transaction of its own", 1, false},
      {"bare+", "next pages fetched meanwhile, ten pages per transaction", 10, true},
  };
  std::vector<series> all;
  for (const auto& how : ways)
    all.push_back({how.name, how.what, contacts, {}});
  for (unsigned run = 0; run <= runs; ++run) // ways take turns: a slow minute hits all of them
    for (size_t w = 0; w < std::size(ways); ++w) {
      const sample taken = run_bare(ways[w], server, data, contacts);
      if (run > 0) // the first warms the caches
        all[w].runs.push_back(taken);
    }
  const parameters settings{{"contacts", std::to_string(contacts)},
                            {"page", std::to_string(contacts_per_page)},
                            {"runs", std::to_string(runs) + " and one to warm up"},
                            {"data", fs::absolute(data).string()}};
  print_table(settings, all);
  if (!json.empty())
    write_json(json, "ingest", settings, all);
}

} // namespace

int main(int argc, char** argv) {
  uint64_t contacts = 100'000;
  unsigned runs = 5;
  bool quick = false;
  fs::path json;
  CLI::App app{"An initial sync beside a bare loop."};
  app.add_option("--contacts", contacts, "How many there are")->check(CLI::Range(100, 10'000'000));
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
