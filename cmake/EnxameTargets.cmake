# How this project declares its targets: one place for warnings, sanitizers, the compiler cache and test registration.

set(ENXAME_SANITIZE "" CACHE STRING "Sanitizers for every target, as -fsanitize= takes them (address,undefined or thread)")

# Paths below the checkout are hashed relative to it, so that every clone shares what one has compiled.
find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${CCACHE})
endif()

option(ENXAME_FUZZ "Build the fuzz targets, with Clang and ENXAME_SANITIZE=…,fuzzer-no-link" OFF)
if(ENXAME_FUZZ)
  # libFuzzer without its main(): the tests have one.
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-resource-dir
    OUTPUT_VARIABLE resources OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  file(GLOB folders ${resources}/lib/*)
  find_library(ENXAME_LIBFUZZER REQUIRED PATHS ${folders} NO_DEFAULT_PATH
    NAMES libclang_rt.fuzzer_no_main-${CMAKE_SYSTEM_PROCESSOR}.a libclang_rt.fuzzer_no_main.a)
endif()

add_library(enxame_options INTERFACE)
target_include_directories(enxame_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(enxame_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
# GCC 12 sees an overlap in `"text" + std::string(…)` that is not there (its bug 105651).
target_compile_options(enxame_options INTERFACE
  $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)
# Whether what is built is WebAssembly: for browsers (EMSCRIPTEN), or for runtimes outside (ENXAME_WASI, from its toolchain file).
if(EMSCRIPTEN OR ENXAME_WASI)
  set(ENXAME_WASM TRUE)
endif()
if(EMSCRIPTEN)
  # Exceptions have to be chosen alike for everything that is linked together; WebAssembly's own cost nothing until one is thrown.
  target_compile_options(enxame_options INTERFACE -fwasm-exceptions -msimd128)
  target_link_options(enxame_options INTERFACE -fwasm-exceptions)
elseif(ENXAME_WASI)
  # The C++ library for WASI has none: to throw is to end (worker/stdio/wasi_throw.cc). And a program has no end that destroys anything,
  # because every export of it would have one, of which there are more than one where each answers a message.
  target_compile_options(enxame_options INTERFACE
    -fignore-exceptions -fno-c++-static-destructors -msimd128)
endif()
if(ENXAME_SANITIZE)
  target_compile_options(enxame_options INTERFACE
    -fsanitize=${ENXAME_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(enxame_options INTERFACE -fsanitize=${ENXAME_SANITIZE})
endif()

# enxame_library(NAME SOURCES... [LINK libraries...]): a static library; its folder is included from the root ("matmul/matrix.h").
function(enxame_library name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PUBLIC enxame_options ${ARG_LINK})
  set_property(GLOBAL APPEND PROPERTY ENXAME_LIBRARIES ${name})
endfunction()

# Most presets merge a few sources of a library into one (CMAKE_UNITY_BUILD), because reading headers is most of the work. So names in
# the anonymous namespaces of one library have to differ. Only what computes is compiled file by file (matmul/CMakeLists.txt).

# enxame_odr_check(): the target `odr`, which links every enxame_library whole into one program. With the preset of that name GCC
# compares what the sources say of each type and function (-Wodr, at link time), and fails where two say different things.
function(enxame_odr_check)
  get_property(libraries GLOBAL PROPERTY ENXAME_LIBRARIES)
  list(TRANSFORM libraries REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE objects)
  file(WRITE ${CMAKE_BINARY_DIR}/odr.cc "int main() {}\n")
  add_executable(odr EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/odr.cc ${objects})
  target_link_libraries(odr PRIVATE ${libraries})
endfunction()

# What experiments run: every enxame_program, without the tests and the benchmarks.
add_custom_target(programs)
# Every enxame_test.
add_custom_target(tests)
# The sources that are not in the repository: all that has to be made before others can be read.
add_custom_target(generated)

# enxame_program(NAME SOURCES... [LINK libraries...]): an executable that experiments run.
function(enxame_program name)
  enxame_executable(${name} ${ARGN})
  add_dependencies(programs ${name})
endfunction()

# enxame_executable(NAME SOURCES... [LINK libraries...]): what a program, a test and a benchmark have in common.
function(enxame_executable name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE enxame_options ${ARG_LINK})
endfunction()

# GoogleTest for Wasm, where there is no prebuilt one: from the sources of Debian's package `googletest`.
function(enxame_googletest_from_source)
  set(root /usr/src/googletest CACHE PATH "The sources of GoogleTest and GoogleMock")
  add_library(enxame_googletest STATIC EXCLUDE_FROM_ALL
    ${root}/googletest/src/gtest-all.cc
    ${root}/googlemock/src/gmock-all.cc
    ${root}/googletest/src/gtest_main.cc)
  target_include_directories(enxame_googletest SYSTEM
    PUBLIC ${root}/googletest/include ${root}/googlemock/include
    PRIVATE ${root}/googletest ${root}/googlemock)
  target_compile_options(enxame_googletest PUBLIC -fwasm-exceptions)
  target_compile_definitions(enxame_googletest PUBLIC GTEST_HAS_PTHREAD=0)
  # The defaults are a stack of 64 KiB, a heap of 16 MiB, and a process that stays after main() has returned.
  target_link_options(enxame_googletest INTERFACE
    -sENVIRONMENT=node -sALLOW_MEMORY_GROWTH -sSTACK_SIZE=1MB -sEXIT_RUNTIME
    -O1)  # the last one counts: Binaryen takes longer over a test at -O3 than the test to run
endfunction()
if(BUILD_TESTING AND EMSCRIPTEN)
  enxame_googletest_from_source()
endif()

# enxame_merge_tests(TARGET): compiles the tests in a target a few files at a time, and without optimising them, which would take longer
# than they run. So names in the anonymous namespaces of one test program have to differ. What is tested is compiled as ever.
function(enxame_merge_tests target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON)
  target_compile_options(${target} PRIVATE -O0)
endfunction()

# enxame_busy_tests(SOURCES...): tests that compute for seconds, by themselves and not only in what they test: optimised, each alone.
function(enxame_busy_tests)
  set_property(SOURCE ${ARGN} APPEND PROPERTY COMPILE_OPTIONS -O1)
endfunction()

# enxame_test(NAME SOURCES... [LINK libraries...]): a GoogleTest executable, registered case by case with CTest.
function(enxame_test name)
  if(NOT BUILD_TESTING)
    return()
  endif()
  enxame_executable(${name} ${ARGN})
  enxame_merge_tests(${name})
  add_dependencies(tests ${name})
  if(EMSCRIPTEN)
    target_link_libraries(${name} PRIVATE enxame_googletest)
  else()
    find_package(GTest REQUIRED)
    target_link_libraries(${name} PRIVATE GTest::gmock GTest::gtest_main)
  endif()
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 120)
endfunction()

# Every enxame_fuzzer.
add_custom_target(fuzzers)

# enxame_fuzzer(NAME SOURCES... [LINK libraries...]): tests of mutated inputs (testing/mutated.h) for which libFuzzer makes the inputs,
# one test at a time: NAME --gtest_filter=Suite.Test. Only in the preset `fuzz`.
function(enxame_fuzzer name)
  if(NOT ENXAME_FUZZ)
    return()
  endif()
  find_package(GTest REQUIRED)
  enxame_executable(${name} ${ARGN})
  target_compile_definitions(${name} PRIVATE ENXAME_FUZZED)
  target_link_libraries(${name} PRIVATE GTest::gmock GTest::gtest_main ${ENXAME_LIBFUZZER})
  add_dependencies(fuzzers ${name})
endfunction()

# enxame_benchmark(NAME SOURCES... [LINK libraries...]): a Google Benchmark executable; run by hand, never by CTest.
function(enxame_benchmark name)
  find_package(benchmark REQUIRED)
  enxame_executable(${name} ${ARGN})
  target_link_libraries(${name} PRIVATE benchmark::benchmark_main)
endfunction()
