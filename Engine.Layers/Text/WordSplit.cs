using System.Buffers;
using System.Text;

namespace Engine.Layers;

/// <summary>Ways to cut a text into words.</summary>
public static class WordSplit
{
    private static readonly SearchValues<char> KerasBreaks = SearchValues.Create("!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n ");

    /// <summary>At white space, and nothing else is changed.</summary>
    public static string[] Whitespace(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>In lower case, cut at spaces, tabs, line ends and all ASCII punctuation but the apostrophe, which are dropped: "It's good,
    /// really" becomes it's, good, really.</summary>
    /// <remarks>Source: the filters that Keras' Tokenizer and text_to_word_sequence have unless told otherwise; a carriage return is white space here too.</remarks>
    public static string[] Keras(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var words = new List<string>();
        var rest = text.ToLowerInvariant().AsSpan();
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOfAny(KerasBreaks);
            var word = (end < 0 ? rest : rest[..end]).Trim('\r');
            if (!word.IsEmpty) words.Add(word.ToString());
            rest = end < 0 ? default : rest[(end + 1)..];
        }
        return [.. words];
    }

    /// <summary>In lower case; of other characters than ASCII letters and digits only ( ) , ! ? ' and ` are left, of which the first five are words of
    /// their own; 's, 've, n't, 're, 'd and 'll are cut off.</summary>
    /// <remarks>Source: Kim 2014, arXiv:1408.5882, whose program prepares MR, TREC and other sets so; it leaves TREC its capitals.</remarks>
    public static string[] Kim(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var kept = new StringBuilder(text.Length + 16);
        foreach (char c in text)
        {
            if (char.IsAsciiLetterOrDigit(c) || c is '\'' or '`') kept.Append(c);
            else if (c is '(' or ')' or ',' or '!' or '?') kept.Append(' ').Append(c).Append(' ');
            else kept.Append(' ');
        }
        foreach (string ending in KimEndings) kept.Replace(ending, $" {ending}");
        return Whitespace(kept.ToString().ToLowerInvariant());
    }

    private static readonly string[] KimEndings = ["'s", "'ve", "n't", "'re", "'d", "'ll"];
}
