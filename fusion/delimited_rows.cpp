#include "fusion/delimited_rows.hpp"

#include <algorithm>

namespace bgm {

DelimitedRows::DelimitedRows(std::string_view text, Dialect dialect)
    : text_(text), delimiter_(dialect == Dialect::csv ? ',' : '\t'), quotes_(dialect == Dialect::csv) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
}

DelimitedRows::Outcome DelimitedRows::next() {
    while (position_ < text_.size() && at_line_end())
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
        if (quotes_ && position_ < text_.size() && text_[position_] == '"') {
            if (!take_quoted(field)) return malformed("a quote is opened here and never closed");
            if (position_ < text_.size() && text_[position_] != delimiter_ && !at_line_end()) {
                return malformed("text after a closing quote");
            }
        } else {
            std::size_t end = position_;
            while (end < row_end_max && text_[end] != delimiter_ && text_[end] != '\n')
                ++end;
            if (end == row_end_max && end < text_.size() && text_[end] != '\n' && text_[end] != delimiter_) {
                return malformed("row longer than 1 MiB");
            }
            const bool crlf =
                end > position_ && text_[end - 1] == '\r' && (end == text_.size() || text_[end] == '\n');
            field.assign(text_.substr(position_, end - position_ - (crlf ? 1 : 0)));
            position_ = end;
        }
        fields_.push_back(std::move(field));
        if (position_ >= text_.size()) return Outcome::row;
        if (text_[position_] != delimiter_) {
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
        } else if (c == '\n') {
            ++line_;
        }
        field.push_back(c);
    }
    return false;
}

DelimitedRows::Outcome DelimitedRows::malformed(const char* reason) {
    reason_ = reason;
    const std::size_t line_end = text_.find('\n', row_start_);
    position_ = line_end == std::string_view::npos ? text_.size() : line_end + 1;
    line_ = row_line_ + 1;
    return Outcome::malformed;
}

bool DelimitedRows::at_line_end() const {
    return text_[position_] == '\n' ||
           (text_[position_] == '\r' && (position_ + 1 == text_.size() || text_[position_ + 1] == '\n'));
}

void DelimitedRows::skip_line_end() {
    if (position_ < text_.size() && text_[position_] == '\r') ++position_;
    if (position_ < text_.size() && text_[position_] == '\n') {
        ++position_;
        ++line_;
    }
}

}  // namespace bgm
