// What libav may be used for: the demuxers and decoders that strangers' files reach. The only place where one
// is let in; tests/workers/media/confined_formats_test.cpp reads a file with each of them inside the sandbox.
// Plain names, without libav's headers. Any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace bgm::av {

/// libav's names of demuxers, the first of each ("mov" is MP4, M4A and 3GP, too).
std::span<const std::string_view> allowed_demuxers();

/// libav's names of decoders: of each codec the one that libav chooses itself.
std::span<const std::string_view> allowed_decoders();

bool decoder_allowed(std::string_view name);

/// As libav's options want them: one behind the other with commas.
const std::string& demuxer_list();
const std::string& decoder_list();

}  // namespace bgm::av
