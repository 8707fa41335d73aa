#pragma once

#include "http/server.h"
#include "matmul/matmul.h"

namespace enxame {

/// Answers as the HTTP front of the original system:
///
///   POST /matmul  {"A":"[[1,2],[3,4]]","B":"[[5,6],[7,8]]"}   200 [[19,22],[43,50]]
///   GET  /health                                              200 {"status":"ok"}
///   OPTIONS, any path                                         200
///
/// Errors: 400 with the reason for a body that is not two matrices that can be multiplied, 404, 405
/// with Allow, 502 when the workers cannot deliver and 504 when one of them ran out of time.
/// `matmul` must outlive the handler.
http::Handler matmul_front(Matmul& matmul);

/// Cross-origin headers for every answer: pages from anywhere may call the front.
http::Headers cors_headers();

}  // namespace enxame
