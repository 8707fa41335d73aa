// The program as its users start it.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "http/test/raw_peer.h"
#include "testing/scratch.h"

namespace enxame::coordinator {
namespace {

using http::body_of;
using http::RawPeer;
using http::status_of;
using testing::HasSubstr;

/// A started coordinator and the end of its stdout and stderr, which are one stream here.
class Program {
 public:
  explicit Program(std::vector<std::string> arguments) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    arguments.insert(arguments.begin(), COORDINATOR_PROGRAM);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    const int error = posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    output_ = ends[0];
    if (error != 0) throw std::runtime_error("cannot start " + arguments[0]);
  }
  ~Program() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      wait();
    }
    close(output_);
  }

  std::string read_line() {
    std::string line;
    char c;
    while (read(output_, &c, 1) == 1 && c != '\n') line += c;
    return line;
  }
  std::uint16_t wait_for_port() {
    const std::string line = read_line();
    const std::string begin = "listening on 127.0.0.1:";
    if (!line.starts_with(begin)) throw std::runtime_error("it said \"" + line + "\"");
    return static_cast<std::uint16_t>(std::stoul(line.substr(begin.size())));
  }
  void signal(int number) { kill(pid_, number); }

  /// Its exit status, once it has ended.
  int wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t pid_ = 0;
  int output_ = -1;
};

std::string ask(RawPeer& peer, const std::string& request) {
  peer.send(request);
  return peer.receive_answer();
}

class ShutdownTest : public testing::TestWithParam<int> {};

TEST_P(ShutdownTest, WakesLongPollsAndExitsWith0) {
  Program program({"--port", "0", "--first-id", "1"});
  const std::uint16_t port = program.wait_for_port();
  RawPeer client(port);
  const std::string task = R"({"A":"[[1]]","B":"[[1]]"})";
  for (int i = 0; i < 2; ++i) {
    ask(client, "POST /task HTTP/1.1\r\nContent-Length: 25\r\n\r\n" + task);
  }
  ask(client, "GET /task/next?workerId=w HTTP/1.1\r\n\r\n");
  ask(client, "GET /task/next?workerId=w HTTP/1.1\r\n\r\n");
  std::list<RawPeer> claims;
  for (int i = 0; i < 8; ++i) {
    claims.emplace_back(port).send("GET /task/next?workerId=w" + std::to_string(i) +
                                   "&wait=60000 HTTP/1.1\r\n\r\n");
  }
  // A first answer shows that the connection was accepted: one that was not is told so instead.
  RawPeer result(port);
  ask(result, "GET /health HTTP/1.1\r\n\r\n");
  result.send("GET /result/1?wait=60000 HTTP/1.1\r\n\r\n");
  RawPeer idle(port);
  ask(idle, "GET /health HTTP/1.1\r\n\r\n");
  ask(client, "GET /workers?count=9&wait=20000 HTTP/1.1\r\n\r\n");

  program.signal(GetParam());
  for (RawPeer& claim : claims) EXPECT_EQ(status_of(claim.receive_all()), "204");
  EXPECT_THAT(body_of(result.receive_all()), HasSubstr("\"processing\""));
  EXPECT_TRUE(idle.ends());
  for (RawPeer& claim : claims) claim.close();
  EXPECT_EQ(program.wait(), 0);
}

INSTANTIATE_TEST_SUITE_P(Signals, ShutdownTest, testing::Values(SIGTERM, SIGINT),
                         [](const auto& instance) {
                           return std::string(instance.param == SIGTERM ? "SIGTERM" : "SIGINT");
                         });

std::string post(RawPeer& peer, const std::string& target, const std::string& body) {
  return ask(peer, "POST " + target + " HTTP/1.1\r\nContent-Length: " +
                       std::to_string(body.size()) + "\r\n\r\n" + body);
}

/// Of {"taskId":1,…
std::string task_in(const std::string& answer) {
  const std::string body = body_of(answer);
  const std::size_t begin = std::string_view(R"({"taskId":)").size();
  return body.substr(begin, body.find_first_of(",}") - begin);
}

/// Submits tasks, and answers for two of three, until the coordinator is gone; notes in `told`
/// which tasks it was told of, and whether they were completed.
void use(std::uint16_t port, std::map<std::string, bool>& told, std::atomic<int>& answers) {
  RawPeer peer(port);
  for (int i = 0;; ++i) {
    told.try_emplace(task_in(post(peer, "/task", R"({"A":"[[1]]","B":"[[7]]"})")));
    ++answers;
    if (i % 3 == 0) continue;
    const std::string task = task_in(ask(peer, "GET /task/next?workerId=w HTTP/1.1\r\n\r\n"));
    post(peer, "/task/" + task + "/result", R"({"result":"[[7]]"})");
    told[task] = true;
    ++answers;
  }
}

/// What was answered is there after every kill, in the middle of whatever it was at.
TEST(ProgramTest, WithAJournalAKilledOneAnswersAgain) {
  const Scratch scratch;
  const std::string journal = scratch.path() + "/journal";
  std::map<std::string, bool> told;
  for (std::size_t kills = 0; kills < 6; ++kills) {
    Program program({"--port", "0", "--journal", journal});
    const std::string line = program.read_line();
    EXPECT_THAT(line, HasSubstr(" tasks restored from " + journal));
    const std::size_t restored = std::stoul(line.substr(line.find(": ") + 2));
    EXPECT_GE(restored, told.size());
    EXPECT_LE(restored, told.size() + kills) << "each time one more may have been on its way";
    const std::uint16_t port = program.wait_for_port();
    RawPeer peer(port);
    for (const auto& [task, is_completed] : told) {
      const std::string answer = ask(peer, "GET /result/" + task + " HTTP/1.1\r\n\r\n");
      ASSERT_EQ(status_of(answer), "200") << task;
      EXPECT_THAT(body_of(answer), HasSubstr(is_completed ? "[[7]]" : "")) << task;
    }
    std::atomic<int> answers = 0;
    std::thread killer([&] {
      while (answers < 20 + 7 * static_cast<int>(kills)) std::this_thread::yield();
      program.signal(SIGKILL);
    });
    EXPECT_THROW(use(port, told, answers), std::exception) << "until it is gone";
    killer.join();
    program.wait();
  }
}

TEST(ProgramTest, ObeysItsLimits) {
  Program program({"--max-body", "256", "--max-connections", "2", "--max-stored", "2000"});
  const std::uint16_t port = program.wait_for_port();
  RawPeer first(port);
  EXPECT_EQ(status_of(ask(first,
                          "POST /task HTTP/1.1\r\nContent-Length: 25\r\n\r\n"
                          R"({"A":"[[1]]","B":"[[1]]"})")),
            "200");
  EXPECT_EQ(status_of(ask(first,
                          "POST /task HTTP/1.1\r\nContent-Length: 25\r\n\r\n"
                          R"({"A":"[[1]]","B":"[[1]]"})")),
            "429");
  EXPECT_EQ(status_of(ask(first, "POST /task HTTP/1.1\r\nContent-Length: 257\r\n\r\n")), "413");
  EXPECT_TRUE(first.ends());  // from when on its place can be taken
  first.close();
  const auto open_websocket = [&](RawPeer& peer) {
    return status_of(ask(peer,
                         "GET /ws?role=client HTTP/1.1\r\nUpgrade: websocket\r\n"
                         "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"));
  };
  std::list<RawPeer> busy;
  for (int i = 0; i < 2; ++i) EXPECT_EQ(open_websocket(busy.emplace_back(port)), "101");
  RawPeer third(port);
  EXPECT_EQ(status_of(third.receive_all()), "503");
}

TEST(ProgramTest, NumbersNoTaskAsOneBeforeARestart) {
  const auto first_id = [](std::vector<std::string> arguments) {
    Program program(std::move(arguments));
    RawPeer client(program.wait_for_port());
    const std::string answer = body_of(ask(client,
                                           "POST /task HTTP/1.1\r\nContent-Length: 25\r\n\r\n"
                                           R"({"A":"[[1]]","B":"[[1]]"})"));
    return std::stoull(answer.substr(std::string_view(R"({"taskId":)").size()));
  };
  const auto earlier = first_id({});
  const auto later = first_id({});
  EXPECT_LT(earlier, later);
  EXPECT_LT(later, std::uint64_t{1} << 53) << "JavaScript has no larger whole numbers";
  EXPECT_EQ(first_id({"--first-id", "1"}), 1u) << "as scripts of the original expect";
}

TEST(ProgramTest, GivesNoLeaseAsOneBeforeARestart) {
  const auto first_lease = [] {
    Program program({"--first-id", "1"});
    RawPeer peer(program.wait_for_port());
    post(peer, "/task", R"({"A":"[[1]]","B":"[[1]]"})");
    const std::string answer = ask(peer, "GET /task/next?wait=0 HTTP/1.1\r\n\r\n");
    const std::string_view name = "Enxame-Lease: ";
    return std::stoull(answer.substr(answer.find(name) + name.size()));
  };
  const auto earlier = first_lease();
  const auto later = first_lease();
  EXPECT_LT(earlier, later);
  EXPECT_LT(later, std::uint64_t{1} << 53);
}

TEST(ProgramTest, IsForThisMachinesPagesUnlessToldOtherwise) {
  const auto status_of_page = [](std::vector<std::string> arguments) {
    Program program(std::move(arguments));
    RawPeer peer(program.wait_for_port());
    return status_of(ask(peer,
                         "GET /stats HTTP/1.1\r\nHost: enxame.example\r\n"
                         "Origin: https://enxame.example\r\n\r\n"));
  };
  EXPECT_EQ(status_of_page({}), "421");
  EXPECT_EQ(status_of_page({"--allow-host", "enxame.example"}), "403");
  EXPECT_EQ(status_of_page({"--allow-host", "a", "--allow-host", "enxame.example", "--allow-origin",
                            "https://enxame.example"}),
            "200");
}

TEST(ProgramTest, LeadsForeignPagesToItsPagesAndNotToItsRoutes) {
  std::string site = (std::filesystem::temp_directory_path() / "enxame-site-XXXXXX").string();
  ASSERT_NE(mkdtemp(site.data()), nullptr);
  std::ofstream(site + "/index.html") << "<html>";
  Program program({"--site", site});
  const std::uint16_t port = program.wait_for_port();
  const auto follow = [&](const std::string& path) {
    RawPeer peer(port);
    return status_of(ask(peer, "GET " + path +
                                   " HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: cross-site\r\n"
                                   "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n\r\n"));
  };
  EXPECT_EQ(follow("/"), "200");
  EXPECT_EQ(follow("/index.html"), "200");
  for (const char* route : {"/task/next", "/task/next?workerId=w", "/result/1", "/stats",
                            "/workers", "/metrics", "/operand/00"}) {
    EXPECT_EQ(follow(route), "403") << route;
  }
  std::filesystem::remove_all(site);
}

TEST(ProgramTest, LeavesALineForARefusal) {
  Program program({});
  RawPeer peer(program.wait_for_port());
  peer.send("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  EXPECT_EQ(status_of(peer.receive_answer()), "421");
  EXPECT_THAT(program.read_line(), HasSubstr("421 to 127.0.0.1: the host that was asked is "
                                             "\"evil.example\""));
}

TEST(ProgramTest, TellsWhatItsLimitsCutInALineAndInAMetric) {
  Program program({"--max-queued", "1"});
  RawPeer peer(program.wait_for_port());
  const auto submit = [&] {
    return status_of(ask(peer,
                         "POST /task HTTP/1.1\r\nContent-Length: 25\r\n\r\n"
                         R"({"A":"[[1]]","B":"[[1]]"})"));
  };
  EXPECT_EQ(submit(), "200");
  EXPECT_EQ(submit(), "429");
  EXPECT_THAT(program.read_line(), HasSubstr("429 to 127.0.0.1: the queue is full: at most 1 "));
  EXPECT_THAT(body_of(ask(peer, "GET /metrics HTTP/1.1\r\n\r\n")),
              HasSubstr("enxame_tasks_refused_total{reason=\"queue-full\"} 1"));
}

TEST(ProgramTest, ListensOnAddressesOfEitherSpelling) {
  for (const char* address : {"::1", "[::1]"}) {
    Program program({"--listen", address});
    EXPECT_THAT(program.read_line(), testing::StartsWith("listening on [::1]:"));
  }
}

TEST(ProgramTest, ClosesConnectionsAfterEachRequestWhenToldTo) {
  Program program({"--connections", "per-request"});
  RawPeer peer(program.wait_for_port());
  peer.send("GET /health HTTP/1.1\r\n\r\n");
  EXPECT_THAT(peer.receive_all(), HasSubstr("Connection: close\r\n"));
}

TEST(ProgramTest, SaysInALineWhyItCannotStart) {
  Program running({});
  const std::string port = std::to_string(running.wait_for_port());
  Program second({"--port", port});
  EXPECT_THAT(second.read_line(), HasSubstr("127.0.0.1:" + port));
  EXPECT_EQ(second.wait(), 1);
  Program no_site({"--site", "/nowhere/at/all"});
  EXPECT_THAT(no_site.read_line(), HasSubstr("/nowhere/at/all"));
  EXPECT_EQ(no_site.wait(), 1);
}

TEST(ProgramTest, RefusesWrongUsage) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"--nonsense"},
                                                    {"--port", "65536"},
                                                    {"--lease", "1"},
                                                    {"--lease", "0s"},
                                                    {"--max-stored", "0"},
                                                    {"--max-body", "0"},
                                                    {"--max-in-flight", "0"},
                                                    {"--max-body", "2M", "--max-in-flight", "1M"},
                                                    {"--listen", "[::1]:80"},
                                                    {"--allow-host", "a:80"},
                                                    {"--allow-origin", "a"},
                                                    {"--attempts", "0"},
                                                    {"--first-id", "9007199254740992"},
                                                    {"--first-id", "9007199254740991"},
                                                    {"--max-stored", "1000"},
                                                    {"--max-body", "20"},
                                                    {"--connections", "sometimes"},
                                                    {"--max-body", "many"}}) {
    Program program(arguments);
    EXPECT_EQ(program.wait(), 2) << arguments[0];
  }
  Program help({"--help"});
  EXPECT_THAT(help.read_line(), HasSubstr("coordinator"));
  EXPECT_EQ(help.wait(), 0);
}

}  // namespace
}  // namespace enxame::coordinator
