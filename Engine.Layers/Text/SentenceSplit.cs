using System.Buffers;

namespace Engine.Layers;

/// <summary>Cuts a text into sentences.</summary>
public static class SentenceSplit
{
    private static readonly SearchValues<char> Ends = SearchValues.Create(".!?…。！？\n");

    /// <summary>At line ends, after 。！？, and after . ! ? and … with the quotes and brackets that close there, where white space and then no small letter
    /// follow; a point after a single capital, as in J. Smith, ends none. Sentences are trimmed, and none is empty.</summary>
    /// <remarks>A rule, not a model: it cuts after "Dr. " and does not before a sentence that begins with a small letter.</remarks>
    public static string[] AtMarks(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var sentences = new List<string>();
        int start = 0;
        for (int at = 0; at < text.Length;)
        {
            int found = text.AsSpan(at).IndexOfAny(Ends);
            if (found < 0) break;
            int mark = at + found;
            at = mark + 1;
            while (at < text.Length && (Ends.Contains(text[at]) && text[at] != '\n' || text[at] is '"' or '\'' or '”' or '’' or '»' or ')' or ']')) at++;
            if (!IsEnd(text, mark, at)) continue;
            Add(start, at);
            start = at;
        }
        Add(start, text.Length);
        return [.. sentences];

        void Add(int from, int to)
        {
            var sentence = text.AsSpan(from, to - from).Trim();
            if (!sentence.IsEmpty) sentences.Add(sentence.ToString());
        }
    }

    /// <param name="text">The text.</param>
    /// <param name="mark">Its first mark.</param>
    /// <param name="after">Behind the last mark, and what closes there.</param>
    private static bool IsEnd(string text, int mark, int after)
    {
        if (text[mark] is '\n' or '。' or '！' or '？') return true;
        if (after < text.Length && !char.IsWhiteSpace(text[after])) return false;
        if (text[mark] == '.' && after == mark + 1 && mark > 0 && char.IsUpper(text[mark - 1]) && (mark == 1 || !char.IsLetterOrDigit(text[mark - 2]))) return false;
        int next = after;
        while (next < text.Length && char.IsWhiteSpace(text[next])) next++;
        return next == text.Length || !char.IsLower(text[next]);
    }
}
