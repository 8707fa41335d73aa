# The transport grpc, added to the library native-baseline.
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG REQUIRED)

# The stubs of the interface. What generators write is not held to our warnings.
set(GENERATED ${CMAKE_BINARY_DIR}/generated)
set(STUBS ${GENERATED}/native-baseline/grpc/matmul)
file(MAKE_DIRECTORY ${GENERATED})
add_custom_command(
  OUTPUT ${STUBS}.pb.h ${STUBS}.pb.cc ${STUBS}.grpc.pb.h ${STUBS}.grpc.pb.cc
  COMMAND protobuf::protoc -I ${PROJECT_SOURCE_DIR}
    --cpp_out=${GENERATED} --grpc_out=${GENERATED} --plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin>
    ${CMAKE_CURRENT_SOURCE_DIR}/grpc/matmul.proto
  DEPENDS grpc/matmul.proto
  VERBATIM)
add_custom_target(matmul-stubs-sources DEPENDS ${STUBS}.pb.h ${STUBS}.grpc.pb.h)
add_dependencies(generated matmul-stubs-sources)
enxame_library(matmul-stubs ${STUBS}.pb.cc ${STUBS}.grpc.pb.cc LINK gRPC::grpc++_unsecure protobuf::libprotobuf)
target_include_directories(matmul-stubs SYSTEM PUBLIC ${GENERATED})
target_compile_options(matmul-stubs PRIVATE -w)
set_target_properties(matmul-stubs PROPERTIES UNITY_BUILD OFF)

target_sources(native-baseline PRIVATE
  grpc/buffer_pool.cc
  grpc/channel_options.cc
  grpc/envelope.cc
  grpc/library.cc
  grpc/grpc_connection.cc
  grpc/grpc_server.cc
  grpc/grpc_transport.cc)
target_link_libraries(native-baseline PUBLIC matmul-stubs)
target_compile_definitions(native-baseline PRIVATE ENXAME_HAVE_GRPC)

# Reading gRPC's headers is most of compiling these: once for all of them, where the whole build does not merge sources anyhow.
if(NOT CMAKE_UNITY_BUILD)
  set_source_files_properties(grpc/grpc_connection.cc grpc/grpc_server.cc grpc/grpc_transport.cc PROPERTIES UNITY_GROUP grpc)
  set_target_properties(native-baseline PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
endif()
