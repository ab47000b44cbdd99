#include "fusion/catalogue/delimited_rows.hpp"

#include <algorithm>

namespace bgm {

DelimitedRows::DelimitedRows(std::string_view text, Dialect dialect) : text_(text), dialect_(dialect) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
}

DelimitedRows::Outcome DelimitedRows::next() {
    while (position_ < text_.size() && at_line_end(position_))
        skip_line_end();
    fields_.clear();
    if (position_ >= text_.size()) return Outcome::end;
    row_start_ = position_;
    row_line_ = line_;
    return read_row();
}

DelimitedRows::Outcome DelimitedRows::read_row() {
    const std::size_t row_end_max = row_start_ + std::min(kCatalogueRowBytesMax, text_.size() - row_start_);
    while (true) {
        if (fields_.size() >= kCatalogueColumnsMax) return malformed("more than 1024 columns");
        std::string field;
        if (dialect_.quotes && position_ < text_.size() && text_[position_] == '"') {
            if (!take_quoted(field)) return malformed("a quote is opened here and never closed");
            if (position_ < text_.size() && text_[position_] != dialect_.separator &&
                !at_line_end(position_)) {
                return malformed("text after a closing quote");
            }
        } else {
            std::size_t end = position_;
            while (end < row_end_max && text_[end] != dialect_.separator && !at_line_end(end))
                ++end;
            if (end == row_end_max && end < text_.size() && text_[end] != dialect_.separator &&
                !at_line_end(end)) {
                return malformed("row longer than 1 MiB");
            }
            field.assign(text_.substr(position_, end - position_));
            position_ = end;
        }
        fields_.push_back(std::move(field));
        if (position_ >= text_.size()) return Outcome::row;
        if (text_[position_] != dialect_.separator) {
            skip_line_end();
            return Outcome::row;
        }
        ++position_;
    }
}

// Reads from the opening quote to behind the closing one. False where the text or the row's limit ends first.
bool DelimitedRows::take_quoted(std::string& field) {
    const std::size_t end = row_start_ + std::min(kCatalogueRowBytesMax, text_.size() - row_start_);
    for (++position_; position_ < end; ++position_) {
        const char c = text_[position_];
        if (c == '"') {
            if (position_ + 1 >= text_.size() || text_[position_ + 1] != '"') {
                ++position_;
                return true;
            }
            ++position_;
        } else if (c == '\n' || (c == '\r' && dialect_.lone_cr && at_line_end(position_) &&
                                 (position_ + 1 >= text_.size() || text_[position_ + 1] != '\n'))) {
            ++line_;
        }
        field.push_back(c);
    }
    return false;
}

DelimitedRows::Outcome DelimitedRows::malformed(const char* reason) {
    reason_ = reason;
    position_ = row_start_;
    line_ = row_line_;
    while (position_ < text_.size() && !at_line_end(position_))
        ++position_;
    skip_line_end();
    return Outcome::malformed;
}

bool DelimitedRows::at_line_end(std::size_t position) const {
    if (text_[position] == '\n') return true;
    if (text_[position] != '\r') return false;
    return dialect_.lone_cr || position + 1 == text_.size() || text_[position + 1] == '\n';
}

void DelimitedRows::skip_line_end() {
    if (position_ >= text_.size()) return;
    ++line_;
    const bool carriage_return = text_[position_] == '\r';
    ++position_;
    if (carriage_return && position_ < text_.size() && text_[position_] == '\n') ++position_;
}

}  // namespace bgm
