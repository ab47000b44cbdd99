// What libav would open while it reads a stranger's file, opened before: a confined worker opens no file.
#pragma once

namespace bgm {

/// Loads the converters of the character sets in which MPEG-TS names its services (libavformat calls
/// iconv_open for them), and keeps them. Call it before the sandbox is entered; costs some milliseconds the
/// first time and nothing later. What the system lacks is left out: those names are read as they stand. Any
/// thread.
void warm_media_libraries();

}  // namespace bgm
