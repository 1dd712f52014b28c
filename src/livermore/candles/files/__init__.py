"""Files of candles in any format, as named columns: text, Parquet, Feather, JSON, Databento's binary encoding."""

from livermore.candles.files._file import CandleFile as CandleFile
from livermore.candles.files._open import open_file as open_file
from livermore.candles.files._open import top_lines as top_lines
from livermore.candles.files._unpack import Content as Content
from livermore.candles.files._unpack import contents_of as contents_of

__all__ = ["CandleFile", "Content", "contents_of", "open_file", "top_lines"]
