#include "cli/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <future>
#include <thread>

#include "cli/shutdown.h"

namespace enxame::cli {
namespace {

using ::testing::ExitedWithCode;

int run(std::vector<const char*> args, const std::function<int()>& body) {
  Flags flags("program", "Does something.");
  args.insert(args.begin(), "program");
  return run_program(flags, static_cast<int>(args.size()), args.data(), body);
}

TEST(RunProgramTest, ReturnsWhatTheBodyReturns) {
  EXPECT_EQ(run({}, [] { return 7; }), 7);
}

TEST(RunProgramTest, HelpGoesToStdoutAndDoesNotRun) {
  ::testing::internal::CaptureStdout();
  EXPECT_EQ(run({"--help"}, [] { return 7; }), 0);
  EXPECT_THAT(::testing::internal::GetCapturedStdout(), ::testing::StartsWith("usage: program"));
}

TEST(RunProgramTest, TheVersionGoesToStdoutWhereverItIsAskedForAndDoesNotRun) {
  std::string version;
  std::ifstream(ENXAME_VERSION_FILE) >> version;
  ::testing::internal::CaptureStdout();
  EXPECT_EQ(run({"--version"}, [] { return 7; }), 0);
  EXPECT_EQ(run({"--nonsense", "--version"}, [] { return 7; }), 0);
  const std::string line = "program " + version + "\n";
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), line + line);
}

TEST(RunProgramTest, UsageErrorsAreOneLineAndTwo) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(run({"--nope"}, [] { return 7; }), 2);
  EXPECT_EQ(run({}, []() -> int { throw UsageError("--a needs --b"); }), 2);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "program: unknown flag --nope (see --help)\nprogram: --a needs --b (see --help)\n");
}

TEST(RunProgramTest, OtherErrorsAreOneLineAndOne) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(run({}, []() -> int { throw std::runtime_error("port 80 is taken"); }), 1);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "program: port 80 is taken\n");
}

TEST(AnnounceTest, PrintsHostAndPortWithBracketsWhereNeeded) {
  ::testing::internal::CaptureStdout();
  announce_listening("127.0.0.1", 7001);
  announce_listening("::1", 7002);
  announce_listening("localhost", 7003);
  EXPECT_EQ(::testing::internal::GetCapturedStdout(),
            "listening on 127.0.0.1:7001\nlistening on [::1]:7002\nlistening on 127.0.0.1:7003\n");
}

TEST(AnnounceTest, MetricsHaveALineOfTheirOwn) {
  ::testing::internal::CaptureStdout();
  announce_metrics("127.0.0.1", 7003);
  EXPECT_EQ(::testing::internal::GetCapturedStdout(), "metrics on 127.0.0.1:7003\n");
}

// In a process of its own, as blocked signals belong to a whole process.
TEST(ShutdownDeathTest, WaitReturnsTheSignalThoughOtherThreadsRun) {
  EXPECT_EXIT(
      {
        const Shutdown shutdown;
        std::thread([] { kill(getpid(), SIGTERM); }).join();
        const bool terminated = shutdown.wait() == SIGTERM;
        std::thread sender([] { kill(getpid(), SIGINT); });
        const bool interrupted = shutdown.wait() == SIGINT;
        sender.join();
        std::_Exit(terminated && interrupted ? 0 : 1);
      },
      ExitedWithCode(0), "");
}

TEST(ShutdownDeathTest, AThreadOlderThanItPassesTheSignalOn) {
  EXPECT_EXIT(
      {
        std::promise<pthread_t> id;
        std::promise<void> go;
        std::thread older([&] {
          id.set_value(pthread_self());
          go.get_future().wait();
          for (;;) pause();
        });
        const pthread_t older_id = id.get_future().get();
        std::signal(SIGINT, SIG_IGN);  // as a shell leaves it to what it runs in the background
        const Shutdown shutdown;
        go.set_value();
        pthread_kill(older_id, SIGTERM);
        const bool terminated = shutdown.wait() == SIGTERM;
        pthread_kill(older_id, SIGINT);
        std::_Exit(terminated && shutdown.wait() == SIGINT ? 0 : 1);
      },
      ExitedWithCode(0), "");
}

TEST(ShutdownDeathTest, WritingToAClosedPipeIsAnError) {
  EXPECT_EXIT(
      {
        const Shutdown shutdown;
        int ends[2];
        const bool open = pipe(ends) == 0;
        close(ends[0]);
        std::_Exit(open && write(ends[1], "x", 1) == -1 ? 0 : 1);
      },
      ExitedWithCode(0), "");
}

}  // namespace
}  // namespace enxame::cli
