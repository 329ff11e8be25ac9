using System.Globalization;
using System.Text;
using Engine.Core;

namespace Engine.Layers;

public sealed partial class Vocabulary
{
    /// <summary>Writes a text file, UTF-8: a line a token, in order of their ids, then a tab and its count where counts are known. A backslash, tab or line
    /// end in a token is written \\, \t, \n or \r. The file is written whole or not at all.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    /// <exception cref="ArgumentException">A token is not Unicode: half of a character's pair.</exception>
    public void Save(string path)
    {
        var text = new StringBuilder();
        for (int id = 0; id < tokens.Length; id++)
        {
            text.Append(tokens[id].Replace("\\", "\\\\").Replace("\t", "\\t").Replace("\n", "\\n").Replace("\r", "\\r"));
            if (counts.Length > 0) text.Append('\t').Append(counts[id].ToString(CultureInfo.InvariantCulture));
            text.Append('\n');
        }
        byte[] bytes = Strict.Utf8.GetBytes(text.ToString());
        AtomicFile.Write(path, stream => stream.Write(bytes));
    }

    /// <summary>Reads what <see cref="Save"/> wrote, or another list of tokens, a line each, such as BERT's vocab.txt.</summary>
    /// <param name="path">The file, .gz or plain.</param>
    /// <param name="padding">What padding is called there.</param>
    /// <param name="unknown">What unknown tokens are called there.</param>
    /// <exception cref="DataFormatException">A line is empty, its count is no number, or it is a token that came before; the file is not UTF-8, or lacks one
    /// of the two.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static Vocabulary Load(string path, string padding = PaddingToken, string unknown = UnknownToken)
    {
        var tokens = new List<string>();
        var counts = new List<long>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in new LineFiles([path]).Read(new Rng(0), default))
        {
            int tab = line.Text.IndexOf('\t');
            string token = Unescape(tab < 0 ? line.Text : line.Text[..tab]);
            long count = 0;
            if (token.Length == 0) throw line.Error("the token is empty. A vocabulary has one on each line.");
            if (!seen.Add(token)) throw line.Error($"the token '{token}' came before. Each comes once.");
            if (tab >= 0 && !long.TryParse(line.Text.AsSpan(tab + 1), NumberStyles.None, CultureInfo.InvariantCulture, out count))
                throw line.Error($"'{line.Text[(tab + 1)..]}' is no count. A line is a token, or a token, a tab and how often it came.");
            tokens.Add(token);
            counts.Add(count);
        }
        foreach (string special in new[] { padding, unknown })
            if (!seen.Contains(special)) throw new DataFormatException(path, 0, $"there is no token '{special}' in the file. Say what padding and unknown are called in it.");
        return new Vocabulary([.. tokens], counts.TrueForAll(count => count == 0) ? [] : [.. counts], padding, unknown);
    }

    /// <summary>A backslash that no escape begins with stands for itself: other people's lists have such.</summary>
    private static string Unescape(string token)
    {
        if (!token.Contains('\\')) return token;
        var text = new StringBuilder(token.Length);
        for (int i = 0; i < token.Length; i++)
        {
            char meant = token[i] != '\\' || i + 1 == token.Length ? '\0' : token[i + 1] switch { '\\' => '\\', 't' => '\t', 'n' => '\n', 'r' => '\r', _ => '\0' };
            text.Append(meant == '\0' ? token[i] : meant);
            if (meant != '\0') i++;
        }
        return text.ToString();
    }
}
