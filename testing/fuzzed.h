#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iomanip>
#include <sstream>
#include <string>
#include <vector>

/// libFuzzer as a library (https://llvm.org/docs/LibFuzzer.html#using-libfuzzer-as-a-library).
extern "C" int LLVMFuzzerRunDriver(int* argc, char*** argv,
                                   int (*callback)(const std::uint8_t* data, std::size_t size));

namespace enxame::testing {

/// What is done with each input. libFuzzer takes a plain function, so there is one in a process.
inline std::function<void(const std::string&)>& fuzzed_check() {
  static std::function<void(const std::string&)> check;
  return check;
}

/// An expectation that fails, and an exception that escapes, end the process: libFuzzer then keeps
/// the input.
inline int check_fuzzed(const std::uint8_t* data, std::size_t size) noexcept {
  fuzzed_check()(std::string(data, data + size));
  if (::testing::Test::HasFailure()) std::abort();
  return 0;
}

/// A token as a line of a dictionary: "\x0d\x0a".
inline std::string dictionary_entry(const std::string& token) {
  std::ostringstream entry;
  entry << std::hex << std::setfill('0') << '"';
  for (const char c : token) {
    entry << "\\x" << std::setw(2) << static_cast<unsigned>(static_cast<unsigned char>(c));
  }
  entry << "\"\n";
  return entry.str();
}

/// Has libFuzzer make inputs, beginning with `samples`, and calls `check` with each. Its arguments
/// are those of the variable ENXAME_FUZZ, separated by spaces; the folder to which it adds what it
/// finds interesting is ENXAME_FUZZ_FOLDER, made here. Does not return: libFuzzer ends the process.
inline void fuzz(const std::vector<std::string>& samples, const std::vector<std::string>& tokens,
                 std::function<void(const std::string&)> check) {
  const char* const given = std::getenv("ENXAME_FUZZ");
  const char* const folder = std::getenv("ENXAME_FUZZ_FOLDER");
  std::vector<std::string> arguments{"fuzz"};
  if (given != nullptr) {
    std::istringstream words(given);
    for (std::string word; words >> word;) arguments.push_back(word);
  }
  if (folder != nullptr) {
    const std::filesystem::path path(folder);
    std::filesystem::create_directories(path / "corpus");
    for (std::size_t i = 0; i < samples.size(); ++i) {
      std::ofstream(path / "corpus" / ("sample-" + std::to_string(i))) << samples[i];
    }
    std::ofstream dictionary(path / "dictionary");
    for (const std::string& token : tokens) dictionary << dictionary_entry(token);
    dictionary.close();
    if (!tokens.empty()) arguments.push_back("-dict=" + (path / "dictionary").string());
    arguments.push_back("-artifact_prefix=" + path.string() + "/");
    arguments.push_back((path / "corpus").string());
  }
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  pointers.push_back(nullptr);
  int argc = static_cast<int>(arguments.size());
  char** argv = pointers.data();
  fuzzed_check() = std::move(check);
  std::exit(LLVMFuzzerRunDriver(&argc, &argv, check_fuzzed));
}

}  // namespace enxame::testing
