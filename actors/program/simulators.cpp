#include "actors/program/simulators.hpp"

#include "protocol/json/writer.hpp"
#include "protocol/simulation/catalog.hpp"
#include "protocol/simulation/mount.hpp"

#include <signal.h>

#include <cstdio>
#include <fstream>
#include <sstream>
#include <system_error>

namespace nexte::program {
namespace {

namespace fs = std::filesystem;

/// A file that clients trust, in a folder of its own that goes with it.
class ca_file {
public:
  ~ca_file() {
    std::error_code ignored; // the system's temporary folder is swept anyway
    if (!folder_.empty())
      fs::remove_all(folder_, ignored);
  }
  result<fs::path> write(const std::string& pem) {
    std::error_code failed;
    std::string name = (fs::temp_directory_path(failed) / "nexte-sync-XXXXXX").string();
    if (failed || !::mkdtemp(name.data()))
      return error{ec::storage, "no temporary folder can be made for the certificate",
                   "let TMPDIR name a folder that can be written"};
    folder_ = name;
    const auto file = folder_ / "ca.pem";
    std::ofstream out{file};
    if (!(out << pem).flush())
      return error{ec::storage, "the certificate cannot be written to " + file.string(),
                   "free some space there"};
    return file;
  }

private:
  fs::path folder_;
};

result<std::string> read_file(const fs::path& file) {
  std::ifstream in{file};
  std::ostringstream text;
  if (!in || !(text << in.rdbuf()))
    return error{ec::not_found, "the fault plan " + file.string() + " cannot be read",
                 "check its path and permissions"};
  return text.str();
}

/// The one line: by provider how to reach it, then what they share.
std::string describe(simulation::mounted_simulators& mounted, const fs::path& ca) {
  json::writer out;
  out.begin_object();
  mounted.each([&](simulation::simulator& one) {
    const auto reached = one.endpoints();
    out.key(one.provider()).begin_object();
    out.key("api_base").value(reached.api_base);
    out.key("authorize_url").value(reached.authorize_url);
    out.key("token_url").value(reached.token_url);
    out.key("revoke_url").value(reached.revoke_url);
    out.key("client_id").value(reached.client_id);
    out.key("client_secret").value(reached.client_secret);
    out.key("access_token").value(one.issue_access_token(mounted.now()));
    out.key("admin_url")
        .value(mounted.admin_url() + "/" + std::string{one.provider()})
        .end_object();
  });
  out.key("admin_url").value(mounted.admin_url());
  if (!ca.empty())
    out.key("ca_file").value(ca.string());
  out.end_object();
  return out.take();
}

result<void> serve(const simulators_options& options, const sigset_t& ends) {
  simulation::simulator_options made;
  made.seed = options.seed;
  made.records = options.records;
  made.auto_consent = options.auto_consent;
  auto simulators = simulation::make_simulators(options.providers, made);
  if (!simulators)
    return std::move(simulators).failure();
  if (!options.fault_plan.empty()) {
    auto plan = read_file(options.fault_plan);
    if (!plan)
      return std::move(plan).failure();
    const auto now = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
    if (auto armed = simulation::arm_faults(*plan, *simulators, now); !armed)
      return armed;
  }
  simulation::mount_options mount;
  mount.address = options.listen_address;
  mount.port = options.port;
  mount.tls = options.tls;
  auto mounted = simulation::mounted_simulators::start(std::move(mount), *std::move(simulators));
  if (!mounted)
    return std::move(mounted).failure();
  ca_file certificate;
  fs::path ca;
  if (options.tls) {
    auto written = certificate.write((*mounted)->ca_pem());
    if (!written)
      return std::move(written).failure();
    ca = *std::move(written);
  }
  std::printf("%s\n", describe(**mounted, ca).c_str());
  std::fflush(stdout);
  int received = 0;
  ::sigwait(&ends, &received);
  return {};
}

} // namespace

int run_simulators(const simulators_options& options) {
  // Blocked before any thread starts, so that `sigwait` alone receives them.
  sigset_t ends;
  sigset_t before;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &ends, &before);
  const auto served = serve(options, ends);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (served)
    return 0;
  std::fprintf(stderr, "nexte-sync simulators: %s\n", served.failure().line().c_str());
  return 1;
}

} // namespace nexte::program
