# The toolchain of the `wasm` preset: Emscripten's own, wherever setup/emscripten finds it or puts it.
# CMake reads a toolchain file several times in one run, once per tested compiler feature: the answer is kept for the inner ones.
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES ENXAME_EMSCRIPTEN_ROOT ENXAME_NODE_FOLDER)

function(enxame_ask script variable)
  if(${variable})
    return()
  endif()
  execute_process(
    COMMAND ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../setup/${script}
    OUTPUT_VARIABLE answer OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "The wasm preset cannot be configured: setup/${script} says above what is missing.")
  endif()
  set(${variable} ${answer} PARENT_SCOPE)
endfunction()

enxame_ask(node ENXAME_NODE_FOLDER)
enxame_ask(emscripten ENXAME_EMSCRIPTEN_ROOT)

# Tests run under this Node. Versions before 22 know relaxed SIMD only by a flag, later ones accept it no more.
set(CMAKE_CROSSCOMPILING_EMULATOR ${ENXAME_NODE_FOLDER}/node)
execute_process(COMMAND ${CMAKE_CROSSCOMPILING_EMULATOR} --version OUTPUT_VARIABLE node_version)
if(node_version MATCHES "^v2[01]\\.")
  list(APPEND CMAKE_CROSSCOMPILING_EMULATOR --experimental-wasm-relaxed-simd)
endif()

include(${ENXAME_EMSCRIPTEN_ROOT}/cmake/Modules/Platform/Emscripten.cmake)

# What the modules were made with, for environment.json of a run: what is installed may change after the build.
set(ENXAME_EMSCRIPTEN_VERSION "${EMSCRIPTEN_VERSION}" CACHE INTERNAL "The version of Emscripten that this folder is built with")
