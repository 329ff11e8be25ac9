using System.Text;
using Engine.Layers;

namespace Engine.Examples;

/// <summary>A text, a token each character.</summary>
/// <param name="Name">What to call it.</param>
/// <param name="Characters">Those that there are, in ordinal order: the tokens are their places.</param>
/// <param name="Tokens">The text.</param>
internal sealed record CharText(string Name, IReadOnlyList<char> Characters, int[] Tokens) : ITokenizer
{
    /// <summary>How many characters there are.</summary>
    public int Count => Characters.Count;

    public static CharText From(string name, string text)
    {
        char[] characters = [.. text.Distinct().Order()];
        return new CharText(name, characters, [.. text.Select(c => Array.BinarySearch(characters, c))]);
    }

    /// <summary>Reads a file of UTF-8, or finds Shakespeare's plays, or downloads them.</summary>
    public static async Task<CharText> Read(string? path, CancellationToken cancel)
    {
        if (path is null)
        {
            var plays = DatasetCatalog.TinyShakespeare;
            var folders = new DataFolders();
            path = Path.Combine(folders.Find(plays) ?? await folders.DownloadAsync(plays, cancel: cancel), plays.Files[0].Name);
        }
        try
        {
            string text = await File.ReadAllTextAsync(path, new UTF8Encoding(false, throwOnInvalidBytes: true), cancel);
            return text.Length > 0 ? From(Path.GetFileName(path), text) : throw new UserException($"{path} is empty. Name a file with a text in it.");
        }
        catch (DecoderFallbackException e)
        {
            throw new UserException($"{path} is not UTF-8: {e.Message.TrimEnd('.')}. Convert it first.");
        }
    }

    /// <summary>At most so many characters, from the beginning.</summary>
    public CharText Take(int limit) => limit < Tokens.Length ? this with { Tokens = Tokens[..limit] } : this;

    /// <summary>The beginning, and a part of the text at the end.</summary>
    public (int[] First, int[] Last) Split(double last)
    {
        int at = Tokens.Length - (int)(Tokens.Length * last);
        return (Tokens[..at], Tokens[at..]);
    }

    /// <summary>Refuses a part held out that does not fill one batch.</summary>
    public void Require(int held, double part, int streams, int steps, string stepsOption = "--steps")
    {
        long needed = (long)streams * steps + 1;
        if (held < needed)
            throw new UserException($"{Name}: {held:N0} of {Tokens.Length:N0} characters are held out, and {streams} streams of {steps} characters take {needed:N0}. Give {Math.Ceiling(needed / part):N0} characters (--data, --limit), or a smaller --batch or {stepsOption}.");
    }

    /// <summary>What a sample begins with unless the user says it: a line end, or the first character where there is none.</summary>
    public string Beginning => Characters.Contains('\n') ? "\n" : Decode(Tokens[..1]);

    public int[] Encode(string text) => text.Length == 0 ? throw new UserException("A sample must begin with one character at least.") : [.. text.Select(Token)];

    public string Decode(ReadOnlySpan<int> tokens)
    {
        var text = new StringBuilder(tokens.Length);
        foreach (int token in tokens) text.Append(Characters[token]);
        return text.ToString();
    }

    private int Token(char c)
    {
        for (int i = 0; i < Characters.Count; i++)
            if (Characters[i] == c) return i;
        throw new UserException($"The text has no '{c}', so the model knows none. Begin the sample with other characters.");
    }
}
