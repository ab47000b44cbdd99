// Files as strangers send them: broken off, damaged, lying about their size, or something else than they say.
//
// Made anew from nothing but code, the same bytes each time on one machine; some tens of megabytes in all,
// although some claim to be gigabytes. None of them is dangerous to keep. What cannot be made is a
// std::runtime_error: a broken test, not a finding. Pure functions; any thread.
#pragma once

#include <string>
#include <vector>

namespace bgm::test {

struct HostileFile {
    std::string name;  // what is wrong with it and what it would be, "cut at 1/4.jpg"
    std::string kind;  // what it is posted as: "IMAGE", "AUDIO" or "VIDEO"
    std::string bytes;
};

/// One small good file of every format that workers read.
std::vector<HostileFile> good_files();

/// Each of these files cut off at many places, and with bits flipped, bytes repeated and left out.
std::vector<HostileFile> damaged_files(const std::vector<HostileFile>& good);

/// Pictures whose headers claim what is not there, or that grow when they are decoded.
std::vector<HostileFile> lying_pictures();

/// The same for animations: many frames, large canvases, frames that contradict each other.
std::vector<HostileFile> lying_animations();

/// The same for containers of sound and moving pictures.
std::vector<HostileFile> lying_clips();

/// Playlists, archives, programs, two files in one, and next to nothing.
std::vector<HostileFile> impostors();

/// All of them, evenly mixed, and some a second time as what they are not.
std::vector<HostileFile> hostile_corpus();

}  // namespace bgm::test
