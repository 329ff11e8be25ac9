using System.Globalization;
using System.Text;

namespace Engine.Layers;

/// <summary>Cuts a text into words as GPT-2 does, and drops nothing: 's 't 're 've 'm 'll 'd, then letters, numbers or other characters with one space before them, then white space,
/// whose last character goes with the word after it where it is a space, and stands alone where it is none.</summary>
/// <remarks>The expression of openai/gpt-2: <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>, by characters rather than by UTF-16 units as .NET's
/// expressions would have it, so that letters beyond U+FFFF are letters. Words longer than <see cref="Longest"/>, which no language has, are cut there: the time to merge one grows with the
/// square of its length.</remarks>
internal static class GptWords
{
    /// <summary>UTF-16 units of a word at most, or one more.</summary>
    public const int Longest = 1 << 13;

    private enum Kind
    {
        Space,
        Letter,
        Number,
        Other,
    }

    private static readonly string[] Endings = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    /// <summary>How many units the word has that begins here.</summary>
    public static int Next(ReadOnlySpan<char> text)
    {
        foreach (string ending in Endings)
            if (text.StartsWith(ending, StringComparison.Ordinal)) return ending.Length;
        int begin = text.Length > 1 && text[0] == ' ' && KindOf(text[1..], out _) != Kind.Space ? 1 : 0;
        var kind = KindOf(text[begin..], out int units);
        int at = begin + units, last = begin;
        while (at < text.Length && at < Longest && KindOf(text[at..], out units) == kind) (last, at) = (at, at + units);
        // White space before a word leaves its last character to it, if there is more than one.
        return kind == Kind.Space && at < text.Length && last > 0 ? last : at;
    }

    private static Kind KindOf(ReadOnlySpan<char> text, out int units)
    {
        Rune.DecodeFromUtf16(text, out var rune, out units);
        if (Rune.IsWhiteSpace(rune)) return Kind.Space;
        return Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter => Kind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
            _ => Kind.Other,
        };
    }
}
