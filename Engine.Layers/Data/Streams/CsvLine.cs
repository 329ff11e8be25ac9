using System.Text;

namespace Engine.Layers;

/// <summary>The fields of a line of comma-separated values.</summary>
public static class CsvLine
{
    /// <summary>Cuts a line into its fields. A field in quotes may hold separators and doubled quotes, but no line end.</summary>
    /// <param name="line">Without its end.</param>
    /// <param name="separator">Between fields.</param>
    /// <exception cref="FormatException">A quote is not closed, or something follows a closed one.</exception>
    /// <remarks>Source: RFC 4180.</remarks>
    public static string[] Split(string line, char separator = ',') => Split(line, separator, () => null);

    /// <param name="line">Without its end.</param>
    /// <param name="separator">Between fields.</param>
    /// <param name="next">The line after it, for a quote that goes on there; null where there is none.</param>
    internal static string[] Split(string line, char separator, Func<string?> next)
    {
        ArgumentNullException.ThrowIfNull(line);
        if (!line.Contains('"')) return line.Split(separator);
        var fields = new List<string>();
        int at = 0;
        while (true)
        {
            fields.Add(at < line.Length && line[at] == '"' ? Quoted(ref line, separator, ref at, next) : Plain(line, separator, ref at));
            if (at == line.Length) return [.. fields];
            at++;   // past the separator
        }
    }

    private static string Plain(string line, char separator, ref int at)
    {
        int end = line.IndexOf(separator, at), from = at;
        at = end < 0 ? line.Length : end;
        return line[from..at];
    }

    private static string Quoted(ref string line, char separator, ref int at, Func<string?> next)
    {
        var field = new StringBuilder();
        for (int from = at + 1; ;)
        {
            int quote = line.IndexOf('"', from);
            if (quote < 0)
            {
                field.Append(line, from, line.Length - from).Append('\n');
                (line, from) = (next() ?? throw new FormatException($"The quote at column {at + 1} is not closed."), 0);
                continue;
            }
            field.Append(line, from, quote - from);
            from = quote + 1;
            if (from < line.Length && line[from] == '"')
            {
                field.Append('"');
                from++;
                continue;
            }
            if (from < line.Length && line[from] != separator) throw new FormatException($"Column {from + 1} follows a closed quote, and is no '{separator}'.");
            at = from;
            return field.ToString();
        }
    }
}
