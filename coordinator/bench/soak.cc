// coordinator-soak: many small tasks through workers that are killed all the time. Every product is
// compared with what it has to be, and in the end the coordinator's counts with what clients saw.

#include <signal.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <iostream>
#include <memory>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "cli/flags.h"
#include "cli/program.h"
#include "coordinator/client/websocket_matmul.h"
#include "http/client/client.h"
#include "matmul/kernel.h"
#include "matmul/matrix.h"
#include "testing/process.h"
#include "worker/native/test/child.h"

namespace enxame::coordinator {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kProblems = 64;
constexpr std::size_t kMostOrder = 8;

struct Settings {
  std::uint64_t tasks = 1'000'000;
  std::size_t workers = 16;
  std::size_t clients = 32;
  milliseconds kill_every{200};
};

struct Problem {
  Matrix a;
  Matrix b;
  Matrix product;
};

/// Whole numbers, so that every kernel has the same product.
std::vector<Problem> make_problems() {
  std::mt19937 random(1);
  const auto matrix = [&](std::size_t n) {
    Matrix made(n, n);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) made(i, j) = static_cast<double>(random() % 10);
    }
    return made;
  };
  std::vector<Problem> problems;
  for (std::size_t i = 0; i < kProblems; ++i) {
    const std::size_t n = 1 + i % kMostOrder;
    Matrix a = matrix(n);
    Matrix b = matrix(n);
    Matrix product = multiply(a, b, Kernel::naive);
    problems.push_back({std::move(a), std::move(b), std::move(product)});
  }
  return problems;
}

/// Workers of all kinds, one of which is killed and started again every now and then.
class Workers {
 public:
  Workers(std::string url, const Settings& settings) : url_(std::move(url)), settings_(settings) {
    for (std::size_t i = 0; i < settings.workers; ++i) workers_.push_back(start(i));
    thread_ = std::thread([this] { kill_on(); });
  }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    stopped_.notify_all();
    thread_.join();
  }

  std::uint64_t kills() const { return kills_; }

 private:
  std::unique_ptr<worker::Child> start(std::size_t i) const {
    const std::array<const char*, 3> dispatches{"push", "long-poll", "poll"};
    const char* dispatch = dispatches[i % dispatches.size()];
    std::vector<std::string> command{SWARM_WORKER,  "--coordinator",         url_,
                                     "--worker-id", "w" + std::to_string(i), "--dispatch",
                                     dispatch};
    if (dispatch == std::string("poll")) command.insert(command.end(), {"--interval", "1ms"});
    return std::make_unique<worker::Child>(command);
  }

  void kill_on() {
    std::mt19937 random(2);
    std::unique_lock lock(mutex_);
    while (!stopped_.wait_for(lock, settings_.kill_every, [this] { return stopping_; })) {
      const std::size_t i = random() % workers_.size();
      workers_[i].reset();  // SIGKILL
      workers_[i] = start(i);
      ++kills_;
    }
  }

  const std::string url_;
  const Settings& settings_;
  std::vector<std::unique_ptr<worker::Child>> workers_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;
  std::atomic<std::uint64_t> kills_ = 0;
  std::thread thread_;
};

struct Counts {
  std::atomic<std::uint64_t> begun = 0;
  std::atomic<std::uint64_t> right = 0;
  std::atomic<std::uint64_t> wrong = 0;
  std::atomic<std::uint64_t> failed = 0;
};

void use(const std::string& url, const std::vector<Problem>& problems, std::uint64_t tasks,
         Counts& counts) {
  WebSocketMatmul matmul(url);
  for (std::uint64_t i = counts.begun++; i < tasks; i = counts.begun++) {
    const Problem& problem = problems[i % problems.size()];
    try {
      ++(matmul.multiply(problem.a, problem.b).matrix == problem.product ? counts.right
                                                                         : counts.wrong);
    } catch (const std::exception& error) {
      ++counts.failed;
      std::cerr << "coordinator-soak: " + std::string(error.what()) + "\n";
    }
  }
}

/// The value of a series of Prometheus' text format.
double series(const std::string& page, const std::string& name) {
  const std::size_t at = page.find("\n" + name + " ");
  if (at == std::string::npos) throw std::runtime_error("there is no series " + name);
  return std::stod(page.substr(at + name.size() + 2));
}

int run(const Settings& settings) {
  // Killed often enough, any task fails; here nobody gives up.
  const testing::Process coordinator({COORDINATOR, "--port", "0", "--attempts", "1000"});
  const std::string url = "http://" + coordinator.listening_on();
  const std::vector<Problem> problems = make_problems();
  Counts counts;
  const auto began = steady_clock::now();
  std::uint64_t kills = 0;
  {
    const Workers workers(url, settings);
    std::vector<std::thread> clients;
    for (std::size_t i = 0; i < settings.clients; ++i) {
      clients.emplace_back([&] { use(url, problems, settings.tasks, counts); });
    }
    for (std::thread& client : clients) client.join();
    kills = workers.kills();
  }
  const double took_s = std::chrono::duration<double>(steady_clock::now() - began).count();
  http::Client client(http::Origin::parse(url));
  const std::string page = client.send({.target = "/metrics"}).body;
  const double completed = series(page, R"(enxame_tasks_finished_total{state="completed"})");
  const double attempts = series(page, "enxame_task_attempts_total");
  const std::uint64_t answered = counts.right + counts.wrong + counts.failed;
  std::cout << settings.tasks << " tasks through " << settings.workers
            << " workers, of which one was "
            << "killed every " << settings.kill_every.count() << " ms (" << kills << " times), in "
            << took_s << " s\n"
            << "  right " << counts.right << ", wrong " << counts.wrong << ", failed "
            << counts.failed << ", lost " << settings.tasks - answered << "\n"
            << "  completed by the coordinator's count " << static_cast<std::uint64_t>(completed)
            << ", handed out " << static_cast<std::uint64_t>(attempts) << " times\n"
            << "  largest memory of the coordinator " << (coordinator.peak_bytes() >> 20)
            << " MiB\n";
  const bool is_whole =
      counts.right == settings.tasks && completed == static_cast<double>(settings.tasks);
  return is_whole ? 0 : 1;
}

}  // namespace
}  // namespace enxame::coordinator

int main(int argc, char** argv) {
  using namespace enxame;
  coordinator::Settings settings;
  cli::Flags flags("coordinator-soak",
                   "Sends small tasks through workers that are killed all the time, and sees that "
                   "none is lost, wrong or answered twice.");
  flags.integer<std::uint64_t>("tasks", settings.tasks, 1, 1'000'000'000, "how many");
  flags.integer<std::size_t>("workers", settings.workers, 1, 1'000, "how many");
  flags.integer<std::size_t>("clients", settings.clients, 1, 1'000, "that submit one at a time");
  flags.duration("kill-every", settings.kill_every, "one worker", std::chrono::milliseconds(1));
  flags.example("coordinator-soak --tasks 1000000 --workers 16");
  return cli::run_program(flags, argc, argv, [&] { return coordinator::run(settings); });
}
