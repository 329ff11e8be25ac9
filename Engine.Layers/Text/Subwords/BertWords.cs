using System.Globalization;
using System.Text;

namespace Engine.Layers;

/// <summary>Cuts a text into words as BERT does, and remembers where each character of them comes from. White space parts words; punctuation is a word for each
/// character; control characters are dropped.</summary>
/// <remarks>Source: the basic tokenizer of google-research/bert, in the order of Hugging Face's: clean, Chinese characters apart, accents off, lower case. Control characters are
/// those of Unicode's categories Cc, Cf and Co, and U+FFFD.</remarks>
internal sealed class BertWords(bool lowerCase, bool stripAccents, bool splitChinese)
{
    /// <summary>Called with a word and, for each of its UTF-16 units, the part of the text that it comes from.</summary>
    public delegate void Word(ReadOnlySpan<char> word, ReadOnlySpan<TextSpan> from);

    public void Cut(string text, Range part, Word found)
    {
        var (start, length) = part.GetOffsetAndLength(text.Length);
        var word = new Buffer(found);
        for (int at = start, end = start + length; at < end;)
        {
            Rune.DecodeFromUtf16(text.AsSpan(at, end - at), out var rune, out int units);
            Add(rune, new TextSpan(at, units), word);
            at += units;
        }
        word.End();
    }

    private void Add(Rune rune, TextSpan from, Buffer word)
    {
        if (rune.Value is '\t' or '\n' or '\r' || !Dropped(rune) && Rune.IsWhiteSpace(rune)) word.End();
        else if (!Dropped(rune))
        {
            bool alone = splitChinese && IsChinese(rune.Value);
            if (alone) word.End();
            if (!stripAccents || rune.IsAscii) Put(rune, from, word);
            else
                foreach (var bare in Accents.Without(rune).EnumerateRunes()) Put(bare, from, word);
            if (alone) word.End();
        }
    }

    private void Put(Rune rune, TextSpan from, Buffer word)
    {
        if (IsPunctuation(rune)) word.Alone(rune, from);
        else word.Add(lowerCase ? Rune.ToLowerInvariant(rune) : rune, from);
    }

    private static bool Dropped(Rune rune)
        => rune.Value == 0xFFFD || (!rune.IsAscii || rune.Value is < ' ' or 0x7F) && Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse;

    private static bool IsPunctuation(Rune rune) => rune.IsAscii ? rune.Value > ' ' && !Rune.IsLetterOrDigit(rune) && rune.Value != 0x7F : Rune.IsPunctuation(rune);

    // CJK Unified Ideographs, their extensions A to E, and the compatibility ideographs
    private static bool IsChinese(int c) => c >= 0x3400
        && c is <= 0x4DBF or >= 0x4E00 and <= 0x9FFF or >= 0xF900 and <= 0xFAFF or >= 0x20000 and <= 0x2A6DF or >= 0x2A700 and <= 0x2CEAF or >= 0x2F800 and <= 0x2FA1F;

    /// <summary>The word that is being read.</summary>
    private sealed class Buffer(Word found)
    {
        private char[] units = new char[32];
        private TextSpan[] origins = new TextSpan[32];
        private int count;

        public void Add(Rune rune, TextSpan from)
        {
            if (count + 2 > units.Length)
            {
                Array.Resize(ref units, 2 * units.Length);
                Array.Resize(ref origins, units.Length);
            }
            int added = rune.EncodeToUtf16(units.AsSpan(count));
            origins.AsSpan(count, added).Fill(from);
            count += added;
        }

        public void Alone(Rune rune, TextSpan from)
        {
            End();
            Add(rune, from);
            End();
        }

        public void End()
        {
            if (count > 0) found(units.AsSpan(0, count), origins.AsSpan(0, count));
            count = 0;
        }
    }
}
