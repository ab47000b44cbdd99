#include "workers/media/av/av_warm.hpp"

#include <iconv.h>

#include <array>
#include <cerrno>
#include <vector>

namespace bgm {
namespace {

// The table in libavformat/mpegts.c (getstr8), after annex A of ETSI EN 300 468, and "ISO-8859-%d" with every
// number that a file can give there.
constexpr std::array kServiceNameCharsets{"ISO6937",     "ISO-8859-1",
                                          "ISO-8859-2",  "ISO-8859-3",
                                          "ISO-8859-4",  "ISO-8859-5",
                                          "ISO-8859-6",  "ISO-8859-7",
                                          "ISO-8859-8",  "ISO-8859-9",
                                          "ISO-8859-10", "ISO-8859-11",
                                          "ISO-8859-12", "ISO-8859-13",
                                          "ISO-8859-14", "ISO-8859-15",
                                          "ISO-8859-16", "UCS-2BE",
                                          "KSC_5601",    "GB2312",
                                          "UTF-8",       ""};

// An open converter keeps its module loaded: closed ones are unloaded, and would be looked for on the disk
// again.
std::vector<iconv_t> opened_converters() {
    std::vector<iconv_t> converters;
    const int before = errno;
    for (const char* charset : kServiceNameCharsets) {
        iconv_t converter = iconv_open("UTF-8", charset);
        // NOLINTNEXTLINE(performance-no-int-to-ptr): iconv's own way to say that it failed
        if (converter != reinterpret_cast<iconv_t>(-1)) converters.push_back(converter);
    }
    errno = before;
    return converters;
}

}  // namespace

void warm_media_libraries() {
    static const std::vector<iconv_t> converters = opened_converters();
    (void)converters;
}

}  // namespace bgm
